"""Walks the desk as a visitor would, from the first page along every link; so a new page is walked unasked."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import lxml.html
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve


def walk(client: Client, *, most: int, start: str = "/") -> Iterator[tuple[str, str, HttpResponse]]:
    """Every page that links lead to, at most `most` of each name: (name, address, answer)."""
    seen, walked, waiting = {start}, Counter[str](), deque([start])
    while waiting:
        address = waiting.popleft()
        name = _name(address)
        if name is None or walked[name] >= most:
            continue
        walked[name] += 1
        answer = client.get(address, follow=True)
        assert isinstance(answer, HttpResponse)
        yield name, address, answer
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            fresh = [one for one in _links(answer.content, address) if one not in seen]
            seen.update(fresh)
            waiting.extend(fresh)


def _name(address: str) -> str | None:
    try:
        return resolve(urlsplit(address).path).url_name
    except Resolver404:
        return None


def _links(page: bytes, address: str) -> Iterator[str]:
    for one in lxml.html.document_fromstring(page).iter("a", "form", "button", "div", "tr", "input", "aside"):
        targets = [one.get("href"), one.get("hx-get"), one.get("data-href")]
        if one.tag == "form" and one.get("method", "get").lower() == "get":
            targets.append(one.get("action"))
        for target in targets:
            whole = urlsplit(urljoin(address, target or ""))
            if target and not whole.netloc and not target.startswith("#") and "sign-out" not in target:
                yield whole.path + (f"?{whole.query}" if whole.query else "")
