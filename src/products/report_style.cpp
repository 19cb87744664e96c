#include "products/report_sections.hpp"

namespace spectile::products {

const char* const kReportStyle = R"css(
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1c2430;--faint:#5d6979;--line:#dfe4ea;--accent:#1f6f8b;
--second:#b04a12;--warn-ink:#7a4b00;--warn:#fff4dc}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1a2028;--ink:#e5eaf0;--faint:#9aa7b5;--line:#2c3540;
--accent:#63b9d4;--second:#f0975c;--warn-ink:#ffd58a;--warn:#3a2e14}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1160px;margin:0 auto;padding:40px 20px 60px}
h1{font-size:clamp(1.5rem,4vw,2.2rem);line-height:1.2;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:0 0 14px}
.lead{color:var(--faint);max-width:70ch;margin:0 0 24px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px;margin:18px 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 16px;min-width:0}
.facts dt{color:var(--faint);font-size:.8rem}
.facts dd{margin:2px 0 0;font-weight:600;overflow-wrap:anywhere}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:18px;align-items:start}
figure{margin:0}
figure img{display:block;width:100%;height:auto;image-rendering:pixelated;border-radius:8px;border:1px solid var(--line);
background:repeating-conic-gradient(var(--line) 0 25%,transparent 0 50%) 0 0/16px 16px}
figcaption{color:var(--faint);font-size:.85rem;margin-top:8px}
.ramp{height:10px;border-radius:5px;margin-top:8px}
.scroll{overflow-x:auto}.scroll table{min-width:480px}.facts+.scroll{margin-top:16px}
td:first-child{min-width:130px}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;color:var(--faint);font-weight:500;border-bottom:1px solid var(--line);padding:6px 10px 6px 0;white-space:nowrap}
td{padding:7px 10px 7px 0;border-bottom:1px solid var(--line);vertical-align:middle;overflow-wrap:break-word}td code{overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.number{text-align:right}
.swatch{display:inline-block;width:14px;height:14px;border-radius:4px;margin-right:9px;vertical-align:-2px;border:1px solid var(--line)}
.bar{width:34%;min-width:110px}
.bar svg{display:block;width:100%;height:12px}
.track{fill:var(--line)}.fill{fill:var(--accent)}
svg text{fill:var(--faint);font-size:12px;font-family:inherit}
.axis{stroke:var(--line)}.wanted{stroke:var(--accent);fill:var(--accent)}.found{stroke:var(--second);fill:var(--second)}
.link{stroke:var(--faint);stroke-opacity:.45}
.plot{display:block;width:100%;min-width:560px;height:auto}
@media (max-width:600px){.scroll table{min-width:0}td:first-child{min-width:84px}td:not(.number):not(:first-child){overflow-wrap:anywhere}
.facts{grid-template-columns:repeat(auto-fit,minmax(120px,1fr))}}
.warnings{background:var(--warn);color:var(--warn-ink);border-color:transparent}
.warnings ul{margin:0;padding-left:20px}
.flag{color:var(--second);font-weight:600}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.85em}
summary{cursor:pointer;font-weight:600}
details[open] summary{margin-bottom:12px}
footer{color:var(--faint);font-size:.85rem;margin-top:28px}
#zoom canvas{display:block;width:100%;height:min(62vh,560px);border:1px solid var(--line);border-radius:8px;cursor:grab;touch-action:none;
background:repeating-conic-gradient(var(--line) 0 25%,transparent 0 50%) 0 0/16px 16px}
#zoom canvas:active{cursor:grabbing}#zoom canvas:focus-visible{outline:2px solid var(--accent)}
.zoom-tools{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;margin-top:12px;font-size:.9rem}
.zoom-tools button{min-width:38px;min-height:34px;border:1px solid var(--line);border-radius:8px;background:var(--paper);color:var(--ink);font:inherit;cursor:pointer}
.zoom-tools label{display:inline-flex;gap:6px;align-items:center}.zoom-tools input[type=range]{width:90px;accent-color:var(--accent)}
.zoom-tools input[type=checkbox]{accent-color:var(--accent)}
.zoom-tools output{color:var(--faint);font-variant-numeric:tabular-nums;margin-left:auto}.hint{color:var(--faint);font-size:.85rem;margin:8px 0 0}
@media print{#zoom{display:none}}
@media print{body{background:#fff}section,.facts div{break-inside:avoid}}
)css";

}  // namespace spectile::products
