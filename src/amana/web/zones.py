"""The time zone of a country's capital, by the country's two letters: what a partner's desk reads on its clock.

Source: the zones of the IANA time zone database (public domain); the choice of the capital is ours.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CAPITALS = """
AE Asia/Dubai, AR America/Argentina/Buenos_Aires, AT Europe/Vienna, AU Australia/Sydney, BE Europe/Brussels,
BF Africa/Ouagadougou, BG Europe/Sofia, BH Asia/Bahrain, BJ Africa/Porto-Novo, BO America/La_Paz, BR America/Sao_Paulo,
CA America/Toronto, CH Europe/Zurich, CI Africa/Abidjan, CL America/Santiago, CM Africa/Douala, CN Asia/Shanghai,
CO America/Bogota, CR America/Costa_Rica, CV Atlantic/Cape_Verde, CY Asia/Nicosia, CZ Europe/Prague, DE Europe/Berlin,
DK Europe/Copenhagen, DO America/Santo_Domingo, DZ Africa/Algiers, EC America/Guayaquil, EE Europe/Tallinn,
EG Africa/Cairo, ES Europe/Madrid, FI Europe/Helsinki, FR Europe/Paris, GB Europe/London, GH Africa/Accra,
GM Africa/Banjul, GN Africa/Conakry, GR Europe/Athens, GW Africa/Bissau, HR Europe/Zagreb, HU Europe/Budapest,
IE Europe/Dublin, IL Asia/Jerusalem, IN Asia/Kolkata, IQ Asia/Baghdad, IT Europe/Rome, JO Asia/Amman, JP Asia/Tokyo,
KE Africa/Nairobi, KW Asia/Kuwait, LB Asia/Beirut, LR Africa/Monrovia, LT Europe/Vilnius, LU Europe/Luxembourg,
LV Europe/Riga, LY Africa/Tripoli, MA Africa/Casablanca, ML Africa/Bamako, MR Africa/Nouakchott, MT Europe/Malta,
MX America/Mexico_City, NE Africa/Niamey, NG Africa/Lagos, NL Europe/Amsterdam, NO Europe/Oslo, OM Asia/Muscat,
PA America/Panama, PE America/Lima, PK Asia/Karachi, PL Europe/Warsaw, PT Europe/Lisbon, PY America/Asuncion,
QA Asia/Qatar, RO Europe/Bucharest, RS Europe/Belgrade, SA Asia/Riyadh, SD Africa/Khartoum, SE Europe/Stockholm,
SI Europe/Ljubljana, SK Europe/Bratislava, SL Africa/Freetown, SN Africa/Dakar, TD Africa/Ndjamena, TG Africa/Lome,
TN Africa/Tunis, TR Europe/Istanbul, UA Europe/Kyiv, US America/New_York, UY America/Montevideo, VE America/Caracas,
YE Asia/Aden, ZA Africa/Johannesburg
"""
_ZONES = dict(one.split() for one in _CAPITALS.replace("\n", " ").split(","))


def zone_of(country: str) -> ZoneInfo | None:
    """The zone of the country's capital; None where it is not in the table or not on this machine."""
    name = _ZONES.get(country.upper())
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
