"""The style of the HTML page. Colours have a contrast of at least 4.5 to their ground, and never say anything alone."""

SHEET = """
:root{color-scheme:light;--ink:#1b1f24;--soft:#57606a;--rule:#c3c9d0;--head:#eef1f4;--good:#0b6b2e;--bad:#b00020;--open:#7a4d00}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem;color:var(--ink);background:#fff;
font:15px/1.45 "Open Sans","Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:.6rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-bottom:.2rem;border-bottom:2px solid var(--ink)}
h3{font-size:1rem;margin:1.4rem 0 .3rem}
p{margin:.4rem 0}
.banner{background:var(--bad);color:#fff;padding:.7rem 1rem;margin:0 0 .4rem;font-size:1.1rem;border:3px double #fff;
outline:3px solid var(--bad)}
.result{font-size:1.4rem;font-weight:bold;border:2px solid;padding:.4rem .8rem;display:inline-block}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:bold}.open{color:var(--open)}
p.bad{border-left:4px solid;padding-left:.8rem}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem;font-size:.84rem;table-layout:fixed}
caption{text-align:left;font-weight:bold;color:var(--soft);padding:.2rem 0}
th,td{border:1px solid var(--rule);padding:.25rem .45rem;text-align:left;vertical-align:top}
thead th{background:var(--head)}tbody th{font-weight:normal}tbody th.bad{font-weight:bold}
figure{margin:1rem 0;break-inside:avoid}figure svg{width:100%;height:auto;display:block}
figcaption{font-size:.84rem;color:var(--soft)}
footer{margin-top:2rem;border-top:1px solid var(--rule);font-size:.75rem;color:var(--soft)}
.water{position:fixed;inset:0;display:flex;align-items:center;justify-content:center;z-index:-1;pointer-events:none;
font-size:min(11vw,7rem);font-weight:bold;text-align:center;line-height:1.1;color:#f7d9dd;transform:rotate(-30deg)}
@page{size:A4;margin:18mm 15mm 18mm;
@bottom-left{font:7pt sans-serif;color:#57606a}
@bottom-right{font:7pt sans-serif;color:#57606a;white-space:nowrap}
@top-center{font:bold 13pt sans-serif;color:#b00020}}
@media print{html{font-size:9pt}
th,td{padding:.15rem .3rem}body{max-width:none;padding:0;font-size:9.5pt}
tr,h1,.banner{break-inside:avoid}h2,h3,caption{break-after:avoid}
thead{display:table-header-group}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
footer{display:none}.water{font-size:26mm}}
"""
