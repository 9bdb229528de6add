"""The page of `/docs`, made from the OpenAPI document; it loads nothing and runs no script."""

from __future__ import annotations

import json
from html import escape
from typing import Any, Final

from api.language import Language, Texts

CONTENT_SECURITY_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"

STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c2b33; background: #fff }
h2 { margin-top: 2.5rem; border-bottom: 2px solid #d5dde1 }
details { border: 1px solid #d5dde1; border-radius: .4rem; margin: .4rem 0; padding: .4rem .8rem }
summary { cursor: pointer } summary b { display: inline-block; min-width: 4rem; color: #00626b }
code, pre { font: 14px/1.45 ui-monospace, monospace } pre { overflow-x: auto; background: #f3f6f7;
       padding: .6rem; border-radius: .3rem } table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0;
       border-top: 1px solid #e6ebed } .demo { background: #ffe9b8; padding: .6rem .8rem }
"""

Schema = dict[str, Any]


def page(document: Schema, texts: Texts, language: Language, *, demo: bool) -> str:
    """The document as one HTML page in `language`."""
    info = document["info"]
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            by_tag.setdefault(operation["tags"][0], []).append(
                _operation(method, path, operation, document, texts, language)
            )
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(rows)}" for tag, rows in by_tag.items())
    schemas = "".join(
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"<pre>{escape(json.dumps(schema, ensure_ascii=False, indent=2))}</pre></details>"
        for name, schema in document["components"]["schemas"].items()
    )
    notice = f'<p class="demo">{escape(texts.get("docs.demo", language))}</p>' if demo else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>{notice}"
        f"<p>{escape(info['description'])}</p>"
        f'<p><a href="/openapi.json">/openapi.json</a> · <a href="/problems">/problems</a></p>'
        f"{sections}<h2>{escape(texts.get('docs.schemas', language))}</h2>{schemas}</body></html>"
    )


def _operation(
    method: str, path: str, operation: Schema, document: Schema, texts: Texts, language: Language
) -> str:
    parts = [f"<p>{escape(operation['description'])}</p>"]
    rows = [
        _parameter(parameter, document)
        for parameter in operation["parameters"]
        if not parameter.get("$ref", "").endswith(("AcceptLanguage", "AcceptCrs"))
    ]
    if rows:
        parts.append(f"<h4>{escape(texts.get('docs.parameters', language))}</h4>{_table(rows)}")
    body = operation.get("requestBody")
    if body is not None:
        told = [(kind, _shape(part["schema"])) for kind, part in body["content"].items()]
        parts.append(f"<h4>{escape(texts.get('docs.body', language))}</h4>{_table(told)}")
    answers = [
        (status, escape(answer["description"]) + "".join(
            f" {_shape(part['schema'])}"
            for kind, part in answer.get("content", {}).items()
            if "problem" not in kind
        ))
        for status, answer in operation["responses"].items()
    ]  # fmt: skip
    parts.append(f"<h4>{escape(texts.get('docs.answers', language))}</h4>{_table(answers)}")
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation['summary'])}</summary>{''.join(parts)}</details>"
    )


def _parameter(parameter: Schema, document: Schema) -> tuple[str, str]:
    if "$ref" in parameter:
        name = parameter["$ref"].rpartition("/")[2]
        parameter = document["components"]["parameters"][name]
    mark = " *" if parameter.get("required") else ""
    return f"{parameter['in']} {parameter['name']}{mark}", _shape(parameter["schema"])


def _shape(schema: Schema) -> str:
    """A schema in few words: its name with a link, else its JSON."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}"><code>{name}</code></a>'
    return f"<code>{escape(json.dumps(schema, ensure_ascii=False))}</code>"


def _table(rows: list[tuple[str, str]]) -> str:
    """Rows of a plain heading and a cell that is HTML already."""
    cells = "".join(
        f"<tr><th><code>{escape(head)}</code></th><td>{cell}</td></tr>" for head, cell in rows
    )
    return f"<table>{cells}</table>"
