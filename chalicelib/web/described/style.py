"""The style sheet of the interface's reference: readable at any width, in light and dark, on screen and on paper."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ink:#0b0c0c;--soft:#505a5f;--line:#b1b4b6;--back:#fff;--tint:#f3f2f1;--link:#1d70b8}
@media (prefers-color-scheme:dark){:root{--ink:#f3f2f1;--soft:#b1b4b6;--line:#505a5f;--back:#16191a;--tint:#25292b;\
--link:#7cb8ec}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:0 1rem;background:var(--back);color:var(--ink);\
font:1rem/1.5 system-ui,sans-serif}
a{color:var(--link)}
a:focus-visible,pre:focus-visible{outline:3px solid #ffdd00;outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
h1,h2,h3{line-height:1.2}
h2{margin-top:3rem;padding-top:1rem;border-top:3px solid var(--link)}
article{margin-top:2rem}
code,pre{font:.9rem/1.45 ui-monospace,monospace;overflow-wrap:break-word}
pre{margin:0;padding:1rem;overflow-x:auto;background:var(--tint);overflow-wrap:normal}
figure{margin:1rem 0}
figcaption,caption{padding:.25rem 0;text-align:left;font-weight:600}
.line .method{font-weight:700}
.ending{padding:.5rem 1rem;border-left:.4rem solid #d4351c}
.table{overflow-x:auto}
table{width:100%;border-collapse:collapse;margin:1rem 0}
th,td{padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td p{margin:0}
nav ul{padding-left:1rem;list-style:none}
nav>ul{padding:0}
@media (max-width:59.99rem){.skip{position:static}}
@media (max-width:40rem){table,tbody,tr,td,caption{display:block}\
thead{position:absolute;left:-99rem}\
tr{padding:.5rem 0;border-bottom:1px solid var(--line)}\
td{padding:.1rem 0;border:0}\
td:empty{display:none}\
td p{display:inline}\
td::before{content:attr(data-label) ": ";color:var(--soft)}}
@media (min-width:60rem){body:has(>nav){display:grid;grid-template-columns:17rem minmax(0,1fr);gap:0 2.5rem}\
header{grid-column:1/-1}\
main{grid-column:2;grid-row:2}\
nav{grid-column:1;grid-row:2;align-self:start;position:sticky;top:0;max-height:100vh;overflow-y:auto;font-size:.9rem}}
@media print{nav,.skip{display:none}}
""".strip()
