"""The addresses of the people's door."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from amana.web import (
    urls_account,
    urls_entities,
    urls_frame,
    urls_report,
    views,
    views_blind,
    views_control,
    views_joint,
    views_reports,
    views_requests,
)
from amana.web.sign_in import home
from amana.web.urls_oversight import oversight_urls

urlpatterns = [
    *urls_report.urlpatterns,
    *urls_account.urlpatterns,
    path("language/", views.choose_tongue, name="language"),
    path("", home, name="home"),
    *urls_frame.urlpatterns,
    path("reports/", views_reports.list_, name="reports"),
    path("reports/<uuid:uid>/", views_reports.show, name="report"),
    path("reports/<uuid:uid>/v<int:version>/", views_reports.show, name="report-version"),
    path("reports/<uuid:uid>/categories/", views_reports.categorise, name="categorise"),
    path("reports/<uuid:uid>/statements/<str:statement>/assess/", views_reports.assess, name="assess"),
    path("reports/<uuid:uid>/tell/", views_reports.tell, name="tell"),
    path("reports/<uuid:uid>/open-case/", views_joint.open_case, name="open-case"),
    path("reports/<uuid:uid>/communique/", views_joint.communique, name="communique"),
    path("reports/<uuid:uid>/tasks/<str:task>/done/", views_joint.done, name="task-done"),
    path("reports/<uuid:uid>/ask-consent/", views_control.ask, name="ask-consent"),
    path("reports/<uuid:uid>/restrict/", views_control.restrict, name="restrict"),
    path("reports/<uuid:uid>/pass-on/<str:deed>/", views_control.pass_on, name="pass-on"),
    path("reports/<uuid:uid>/hold/<str:deed>/", views_control.hold, name="hold"),
    path("reports/<uuid:uid>/flags/<int:flag>/", views_control.see_flag, name="see-flag"),
    path("reports/<uuid:uid>/<str:deed>/", views_reports.act, name="act"),
    path("consents/", views_control.list_consents, name="consents"),
    path("consents/<uuid:number>/", views_control.answer, name="answer-consent"),
    path("cases/", views_joint.list_cases, name="cases"),
    path("cases/<uuid:number>/", views_joint.case, name="case"),
    path("tasks/", views_joint.list_tasks, name="tasks"),
    path("expertise/", views_joint.shelf, name="expertise"),
    path("requests/", views_requests.list_, name="requests"),
    path("requests/ask/", views_requests.ask, name="ask"),
    path("requests/<uuid:uid>/<str:deed>/", views_requests.answer, name="answer"),
    path("blind/", views_blind.blind, name="blind"),
    path("blind/<uuid:number>/<int:place>/request/", views_blind.ask_about_hit, name="blind-request"),
    path("blind/alarms/<str:partner>/seen/", views_blind.see_alarms, name="blind-alarms"),
    path("", include(urls_entities.urlpatterns)),
    path("documents/", views.list_documents, name="documents"),
    path("documents/take-in/", views.take_in, name="take-in"),
    path("documents/<uuid:number>/", views.document, name="document"),
    path("documents/<uuid:number>/decide/", views.decide, name="decide"),
    path("documents/<uuid:number>/draw/", views.draw, name="draw"),
    path("partners/", views.list_partners, name="partners"),
    path("cooperation/", views.cooperation, name="cooperation"),
    path("agreements/<uuid:number>/accept/", views.accept, name="accept"),
    path("log/", views.log, name="log"),
    *oversight_urls,
]
if settings.AMANA.development:
    urlpatterns.append(path("style/", views.style, name="style"))

handler400 = "amana.web.errors.malformed"
handler403 = "amana.web.errors.forbidden"
handler404 = "amana.web.errors.not_found"
handler500 = "amana.web.errors.broken"
