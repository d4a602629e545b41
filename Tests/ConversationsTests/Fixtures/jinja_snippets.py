#!/usr/bin/env python3
"""Renders small templates with jinja2 as transformers sets it up, and writes them with what they give to jinja_snippets.json.

    python3 jinja_snippets.py          (jinja2 3.1.6, transformers 5.23)

An entry is {"template", "expected"}, or {"template", "fails": true} where jinja2 refuses; the variables are those of CONTEXT.
"""
import json
from pathlib import Path

from transformers.utils.chat_template_utils import _compile_jinja_template

CONTEXT = {
    "name": "Ada",
    "text": "  Hello, World!\n\tzwei Zeilen\r\nund drei ",
    "umlaut": "Grüße 😀 e\u0301",
    "empty": "",
    "nothing": None,
    "yes": True,
    "no": False,
    "seven": 7,
    "half": 0.5,
    "numbers": [3, 1, 2, 3, 10],
    "words": ["banana", "Apple", "cherry", "apple"],
    "nested": [[1, 2], [3, [4, "x"]]],
    "person": {"name": "Bob", "age": 42, "tags": ["a", "b"], "items": "shadowed", "more": {"deep": 1.0}},
    "people": [
        {"name": "Cid", "age": 30, "role": "user"},
        {"name": "amy", "age": 25, "role": "assistant"},
        {"name": "Bob", "age": 30, "role": "user"},
    ],
    "quotes": "it's \"q\" \\ \x07\u200b\u00ad",
    "html": "<b>&'\"</b>",
}

TEMPLATES = r"""
{{ name }}
{{ missing }}|{{ missing is defined }}
{{ missing.attribute }}
{{ missing | default('x') }}{{ empty | default('y', true) }}{{ nothing | default('z', boolean=true) }}{{ empty|d('k') }}
{{ nothing }} {{ yes }} {{ no }} {{ seven }} {{ half }} {{ 1.0 }} {{ 1e20 }} {{ 1.5e-7 }} {{ 123456789.125 }}
{{ numbers }} {{ nested }} {{ person }} {{ ('a',) }} {{ ('a', 1) }} {{ () }} {{ {} }} {{ [] }}
{{ quotes }} {{ [quotes] }} {{ [umlaut, "a'b", 'a"b', 'a\'b"c'] }}
{{ "a\tb\x41\u00e9\n" }}{{ 'raw \d' }}{{ 'oct \101' }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }}
{{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }} {{ -seven }} {{ +seven }} {{ - 2 ** 2 }} {{ 2 ** 3 ** 2 }}
{{ 'a' * 3 }} {{ 3 * 'ab' }} {{ [1, 2] * 2 }} {{ [1] + [2] }} {{ 'a' + 'b' }} {{ 'x' ~ 1 ~ none ~ true ~ 1.5 ~ [1] }}
{{ 1 / 0 }}
{{ 'a' + 1 }}
{{ missing + 'a' }}
{{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' == 'a' }} {{ [1, 2] == [1, 2] }} {{ none == none }} {{ missing == missing }} {{ (1,) == [1] }} {{ {'a': 1} == {'a': 1.0} }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 'Z' < 'a' }} {{ 2 >= 2 }} {{ 2 != 2 }} {{ 1 <= 2 }} {{ 3 > 4 }}
{{ 1 < 'a' }}
{{ 1 in numbers }} {{ 'x' not in 'xyz' }} {{ 'name' in person }} {{ 5 in (1, 2) }} {{ '' in 'a' }} {{ 1 in missing }} {{ not 1 in [1] }}
{{ 1 in 'abc' }}
{{ yes and no }} {{ yes or no }} {{ '' or 'b' }} {{ 'a' and 'b' }} {{ not '' }} {{ not not 1 }} {{ 0 or none }} {{ no or missing }}
{{ 'a' if yes }}{{ 'a' if no }}{{ 'a' if no else 'b' }}{{ 'a' if no else 'b' if no else 'c' }}
{{ person.name }} {{ person['age'] }} {{ person.items is callable }} {{ person['items'] }} {{ person.nothing }} {{ person.more.deep }} {{ person.tags.0 }} {{ person['tags'][-1] }} {{ person.tags[5] }}
{{ numbers[0] }} {{ numbers[-1] }} {{ numbers[1:3] }} {{ numbers[:-1] }} {{ numbers[::-1] }} {{ numbers[::2] }} {{ numbers[10:] }} {{ numbers[-2:] }} {{ numbers[3:1:-1] }}
{{ umlaut[0] }} {{ umlaut[-1] }}| {{ umlaut[2:8] }} {{ umlaut[::-1] }} {{ umlaut | length }} {{ umlaut|list }}
{{ text.strip() }}|{{ text.lstrip() }}|{{ text.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'abcba'.lstrip('ab') }}|{{ text | trim }}|{{ 'xax' | trim('x') }}
{{ text.split() }} {{ text.split('\n') }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ' a  b c '.split(none, 1) }} {{ 'a b c'.split(maxsplit=1) }} {{ 'abc'.split('bc') }} {{ ''.split(',') }} {{ ''.split() }}
{{ 'a,b,c'.rsplit(',', 1) }} {{ 'aaaa'.rsplit('aaa') }} {{ 'a-b'.partition('-') }} {{ 'ab'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abc'.rpartition('-') }}
{{ text.splitlines() }} {{ 'a\n\nb\n'.splitlines() }}
{{ 'abc'.startswith('ab') }} {{ 'abc'.startswith(('x', 'a')) }} {{ 'abc'.endswith('bc') }} {{ 'abc'.endswith('') }} {{ 'é'.startswith('e') }}
{{ 'hello wORLD'.upper() }} {{ 'ÄÖß'.upper() }} {{ 'ÄÖ'.lower() }} {{ 'hello wORLD'.title() }} {{ "it's a-b".title() }} {{ 'hELLO w'.capitalize() }} {{ 'aBc'.swapcase() }} {{ 'ß'.capitalize() }} {{ ''.capitalize() }}
{{ 'aXbX'.replace('X', 'yy') }} {{ 'aXbX'.replace('X', '', 1) }} {{ 'ab'.replace('', '-') }} {{ 'ab'.replace('', '-', 2) }} {{ 'aaa' | replace('a', 'b', 2) }} {{ 123 | replace(2, 'x') }}
{{ 'hello'.find('l') }} {{ 'hello'.rfind('l') }} {{ 'hello'.find('z') }} {{ 'hello'.index('e') }} {{ 'hello'.count('l') }} {{ 'éé x'.find('x') }} {{ 'aaa'.count('aa') }} {{ 'abc'.count('') }} {{ 'abc'.find('') }}
{{ 'hello'.index('z') }}
{{ ', '.join(['a', 'b']) }} {{ '-'.join('abc') }} {{ ''.join([]) }}
{{ ', '.join([1]) }}
{{ '12'.isdigit() }} {{ 'a1'.isalnum() }} {{ 'ab'.isalpha() }} {{ ' \n'.isspace() }} {{ 'AB'.isupper() }} {{ 'ab1'.islower() }} {{ ''.isdigit() }} {{ '²'.isdigit() }} {{ '²'.isdecimal() }} {{ '½'.isnumeric() }} {{ '1'.isupper() }}
{{ 'prefix-x'.removeprefix('prefix-') }} {{ 'a.txt'.removesuffix('.txt') }} {{ '7'.zfill(3) }} {{ '-7'.zfill(4) }} [{{ 'ab'.center(5) }}] [{{ 'abc'.center(6) }}] [{{ 'a'.ljust(3, '.') }}] [{{ 'a'.rjust(3) }}]
{{ '{} and {}'.format(1, 'b') }} {{ '{0}{1}{0}'.format('a', 'b') }} {{ '{x}'.format(x=3) }} {{ '{{}}'.format() }}
{{ '%s is %d' % ('a', 3) }} {{ '%5.2f|%-5s|%05d|%+d' % (3.14159, 'ab', 42, 7) }} {{ '%x %X %o %%' % (255, 255, 8) }} {{ '%r' % ['a'] }} {{ '%s' % 'x' }} {{ '%e %g' % (12345.678, 0.0001) }} {{ '%s-%s' | format('a', 'b') }} {{ '%.2s|' % 'abc' }}
{{ '%d' % 'a' }}
{{ '%s %s' % 'a' }}
{{ name | upper }} {{ name | lower }} {{ 'hello world' | title }} {{ 'hELLO' | capitalize }} {{ none | upper }} {{ 12 | string }} {{ missing | upper }}|
{{ numbers | length }} {{ person | length }} {{ 'abc' | count }} {{ missing | length }}
{{ none | length }}
{{ numbers | first }} {{ numbers | last }} {{ [] | first }} {{ 'abc' | first }} {{ 'abc' | last }} {{ person | first }}
{{ numbers | join(', ') }} {{ people | join(', ', attribute='name') }} {{ [none, 1, 'a'] | join }} {{ 'abc' | join('-') }} {{ missing | join(',') }}
{{ numbers | sort }} {{ numbers | sort(reverse=true) }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ people | sort(attribute='age') | map(attribute='name') | list }} {{ words | unique | list }} {{ numbers | unique | list }}
{{ [1, 'a'] | sort }}
{{ numbers | sum }} {{ people | sum(attribute='age') }} {{ numbers | min }} {{ numbers | max }} {{ words | max }} {{ [0.1, 0.2] | sum }} {{ [] | max }}
{{ numbers | reverse | list }} {{ 'abc' | reverse }} {{ numbers | batch(2) | list }} {{ numbers | batch(2, 0) | list }}
{{ people | map(attribute='name') | list }} {{ words | map('upper') | list }} {{ words | map('replace', 'a', 'o') | join(' ') }} {{ people | map(attribute='x', default='?') | join }} {{ [' a '] | map('trim') | first }}
{{ people | selectattr('role', 'equalto', 'user') | map(attribute='name') | list }} {{ people | selectattr('age', 'gt', 26) | list | length }} {{ people | rejectattr('role', '==', 'user') | map(attribute='name') | first }} {{ people | selectattr('missing') | list }} {{ people | selectattr('role', 'in', ['user']) | list | length }}
{{ numbers | select('odd') | list }} {{ numbers | reject('odd') | list }} {{ [1, none, 'a', ''] | select | list }} {{ [1, 'a'] | select('string') | list }} {{ numbers | select('divisibleby', 3) | list }} {{ [1, missing] | select('defined') | list }}
{{ person | dictsort }} {{ {'b': 1, 'A': 2} | dictsort }} {{ {'b': 1, 'A': 2} | dictsort(true) }} {{ {'b': 1, 'A': 2} | dictsort(by='value') }} {{ {'b': 1, 'A': 2} | dictsort(reverse=true) }}
{% for k, v in person.more.items() %}{{ k }}={{ v }};{% endfor %}{% for k, v in person.more | items %}{{ k }}={{ v }};{% endfor %}{% for k in person %}{{ k }},{% endfor %}{{ person.keys() | list }} {{ person.more.values() | list }} {{ person.get('age') }} {{ person.get('x') }} {{ person.get('x', 5) }}
{{ person | tojson }}
{{ people | tojson(indent=2) }}
{{ umlaut | tojson }} {{ umlaut | tojson(ensure_ascii=true) }} {{ quotes | tojson }} {{ [1.0, 1e100, none, true] | tojson }} {{ {'b': 1, 'a': [1, {}]} | tojson(sort_keys=true, separators=(',', ':')) }} {{ html | tojson }} {{ ('a', 1) | tojson }} {{ [] | tojson(indent=4) }} {{ {'a': []} | tojson(indent=4) }}
{{ missing | tojson }}
{{ html | e }} {{ html | escape }} {{ html | safe }} {{ html | forceescape }}
{{ '3' | int + 1 }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ '3.9' | int }} {{ 3.9 | int }} {{ '-3.9' | int }} {{ 'ff' | int(base=16) }} {{ '1.5' | float }} {{ 'x' | float }} {{ -5 | abs }} {{ -5.5 | abs }} {{ true | int }} {{ none | int }}
{{ 2.5 | round }} {{ 3.5 | round }} {{ 2.675 | round(2) }} {{ 42.55 | round(1, 'floor') }} {{ 42.51 | round(1, 'ceil') }} {{ 42 | round }} {{ 1.25 | round(1) }}
{{ 'a\nb\n\nc' | indent }} {{ 'a\nb' | indent(2, true) }} {{ 'a\n\nb' | indent('> ', blank=true) }}
{{ 'foo bar baz qux' | truncate(9) }} {{ 'foo bar baz qux' | truncate(9, true) }} {{ 'foo bar baz qux' | truncate(11) }} {{ 'foo bar baz qux' | truncate(11, false, '...', 0) }} [{{ 'a' | center(4) }}]
{{ seven is odd }} {{ seven is even }} {{ seven is divisibleby 7 }} {{ seven is divisibleby(2) }} {{ name is defined }} {{ missing is defined }} {{ missing is undefined }} {{ nothing is none }} {{ nothing is not none }} {{ yes is boolean }} {{ no is false }} {{ 1 is true }}
{{ seven is integer }} {{ yes is integer }} {{ half is float }} {{ seven is number }} {{ yes is number }} {{ name is string }} {{ person is mapping }} {{ numbers is sequence }} {{ name is sequence }} {{ person is sequence }} {{ seven is sequence }} {{ numbers is iterable }} {{ name is iterable }} {{ seven is iterable }} {{ missing is iterable }} {{ missing is sequence }} {{ none is iterable }}
{{ 'ab' is lower }} {{ 'AB' is upper }} {{ 1 is eq 1 }} {{ 1 is equalto 2 }} {{ 2 is gt 1 }} {{ 1 is lt(2) }} {{ 1 is in [1, 2] }} {{ 'a' is in 'abc' }} {{ 1 is ne 2 }} {{ 2 is ge 2 }} {{ range is callable }} {{ 1 is callable }} {{ none is sameas none }}
{{ seven is not odd and name is string or no }} {{ name is defined and name }} {{ (name is string) if yes else 'n' }}
{% if yes %}a{% else %}b{% endif %}{% if no %}a{% elif seven %}c{% else %}b{% endif %}{% if missing %}x{% endif %}
{% for n in numbers %}{{ loop.index }}/{{ loop.length }}:{{ n }}{{ ',' if not loop.last }}{% endfor %}
{% for n in numbers %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.depth }};{% endfor %}
{% for n in [] %}x{% else %}none{% endfor %}{% for n in numbers if n > 2 %}{{ n }}-{{ loop.length }};{% else %}e{% endfor %}{% for n in numbers if n > 99 %}x{% else %}e{% endfor %}
{% for a, b in [[1, 2], [3, 4]] %}{{ a }}{{ b }}{% endfor %}{% for (a, (b, c)) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for c in 'añ😀' %}[{{ c }}]{% endfor %}
{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in missing %}a{% else %}b{% endfor %}{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}{{ range(3) | list }} {{ range(3)[1] }} {{ range(2, 4) | length }}
{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for a in [1, 2] %}{% for b in [1, 2] %}{{ a }}{{ b }}{{ loop.depth }}{{ loop.cycle('x', 'y') }}{{ loop.changed(b) }} {% endfor %}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}
{% set ns = namespace(n=0, found=false) %}{% for i in numbers %}{% set ns.n = ns.n + i %}{% if i == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.n }} {{ ns.found }} {{ ns.x }} {{ ns['n'] }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (a, b) = (b, a) %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t }}{% set ns = namespace() %}{% set ns.a, ns.b = 3, 4 %}{{ ns.a + ns.b }}
{% set x.y = 1 %}
{% set block %}  some {{ name }} {% endset %}[{{ block }}]{% set up | upper %}abc{% endset %}{{ up }}{% filter upper | replace('A', 'x') %}aba{{ name }}{% endfilter %}
{% macro greet(who, mark='!') %}Hi {{ who }}{{ mark }}{% endmacro %}{{ greet('you') }}{{ greet('me', '?') }}{{ greet(mark='.', who='x') }}{{ greet() }}{{ greet('a') | upper }}
{% macro greet(who) %}Hi{% endmacro %}{{ greet(1, 2) }}
{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(4) }}
{% set outside = 'o' %}{% macro m() %}{{ outside }}{{ later }}{{ name }}{% set inner = 1 %}{% endmacro %}{% set later = 'l' %}{{ m() }}{{ inner is defined }}
{% for i in [1] %}{% macro m() %}{{ i }}{{ loop is defined }}{% endmacro %}{{ m() }}{% endfor %}
{% macro wrap(tag) %}<{{ tag }}>{{ caller() }}</{{ tag }}>{% endmacro %}{% call wrap('b') %}in {{ name }}{% endcall %}{% macro each(l) %}{% for x in l %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(v) each([1, 2]) %}[{{ v }}]{% endcall %}
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}{% with %}{% set q = 1 %}{% endwith %}{{ q }}
{% raw %}{{ not }} {% rendered %}{% endraw %}|{# a comment #}|{#- c -#} x
a  {%- if yes -%}  b  {%- endif -%}  c  {{- name -}}  d
line one\n    {% if yes %}\n    two\n    {% endif %}\n  {# c #}\nthree\n{{ name }}\n\nfour\n
  {%+ if yes %}x{% endif %}\n{% if yes +%}\ny{% endif %}\n   {{ name }}\n
{% if yes %}\n\na\n{% endif %}\n\n{% for i in [1, 2] %}\n  {{ i }}\n{% endfor %}\n
{% generation %}a{{ name }}{% set g = 1 %}{% endgeneration %}{{ g is defined }}
{{ raise_exception('no ' ~ name) }}
{{ dict(a=1, b='x') }} {{ dict({'a': 1}, c=2) }} {{ {'a': 1, 'b': {'c': [1]}} }} {{ {'a': 1}.a }} {{ {'a': {'b': 2}}['a']['b'] }} {{ {'x': 1}.items() | list }}
{{ {'a': 1, 'a': 2} }} {{ [1, 2,] }} {{ (1, 2,)[0] }} {{ [[1, 2], [3]][0][1] }} {{ 'a' 'b' }} {{ "x" ~ 'y' | upper }} {{ ('x' ~ 'y') | upper }}
{{ -1 | abs }} {{ 3 - -1 }} {{ not yes or yes }} {{ 1 if 0 else 2 + 3 }} {{ [1, 2] | length + 1 }} {{ 'a' ~ 1 + '2' }} {{ 5 - 2 - 1 }} {{ 2 * 3 % 4 }}
{{ people[0].name ~ people[-1]['name'] }} {{ people | first | attr('name') }}| {{ (people | first).name }} {{ person.tags | join(' ') | upper }} {{ person['na' ~ 'me'] }}
{{ name.upper().lower().title() }} {{ (1, 2) | length }} {{ numbers.index(3) }} {{ numbers.count(3) }} {{ numbers[1:][0] }} {{ text.strip().split('\n')[0].split(',') | first }}
{{ x.y.z if x is defined else 'nope' }} {{ (missing | default({})).get('k', 'v') }} {{ missing is defined and missing.a }} {{ person.more['deep'] | int }}
{{ numbers.append(4) }}
{{ person.update({}) }}
{{ undefined_function() }}
{{ name() }}
{{ nothing.x }}|{{ seven.x }}|{{ nothing['x'] }}|{{ name.x }}
{{ nothing.x.y }}
{% unknown %}
{{ name | unknown_filter }}
{{ name is unknown_test }}
{{ name
{% if yes %}
{% endif %}
{{ 1 + }}
{{ 'a }}
{{ [1, 2 }}
{% for x in %}{% endfor %}
{% set 1 = 2 %}
"""


def main():
    entries = []
    for line in TEMPLATES.strip("\n").split("\n"):
        template = line
        if line.startswith(("line one", "  {%+", "{% if yes %}\\n")):
            template = line.replace("\\n", "\n")
        try:
            expected = _compile_jinja_template(template).render(**CONTEXT)
            entries.append({"template": template, "expected": expected})
        except Exception as error:
            entries.append({"template": template, "fails": True, "why": f"{type(error).__name__}: {error}"[:120]})
    target = Path(__file__).with_suffix(".json")
    target.write_text(json.dumps({"context": CONTEXT, "entries": entries}, ensure_ascii=True, indent=1) + "\n")
    print(len(entries), "entries,", sum("fails" in e for e in entries), "of which fail")


main()
