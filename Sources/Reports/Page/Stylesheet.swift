/// The stylesheet of the page: colors as variables for light, dark and paper; the layout by grids that fold on a phone.
enum Stylesheet {
    /// The sheets in order.
    static let parts: [StaticString] = [colors, page, drawings, tables, texts, print]

    private static let colors: StaticString = """
        :root{--paper:#fdfcfa;--ink:#1d1c1a;--soft:#67625b;--line:#e5e1da;--card:#f6f3ee;--accent:#0b6e63;
        --good:#0b6e63;--bad:#ad2436;--warm:214,120,20;
        --s0:#0b6e63;--s1:#b9520b;--s2:#6549b5;--s3:#2f6da8;--s4:#b3315f;--s5:#73721b}
        @media (prefers-color-scheme:dark){:root{--paper:#171615;--ink:#ebe8e3;--soft:#a59f96;--line:#35322e;
        --card:#201e1c;--accent:#63cbb9;--good:#63cbb9;--bad:#ff9a9a;--warm:240,150,60;
        --s0:#63cbb9;--s1:#f2a45f;--s2:#b9a5f3;--s3:#86b8e6;--s4:#f28fae;--s5:#cfca6b}}

        """

    private static let page: StaticString = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0 auto;max-width:72rem;padding:clamp(1.5rem,5vw,4rem) clamp(1rem,4vw,3rem);background:var(--paper);
        color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
        font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        h1,h2{font-family:ui-serif,"Iowan Old Style","Palatino Linotype",Palatino,Georgia,serif;font-weight:600;
        line-height:1.2;letter-spacing:-.01em;text-wrap:balance}
        h1{font-size:clamp(1.8rem,5vw,2.75rem);margin:0}
        h2{font-size:1.6rem;margin:0 0 1.25rem}
        h3{font-size:1.05rem;margin:2rem 0 .75rem}
        h4{font-size:.85rem;margin:0;font-weight:600}
        p,.list{margin:0 0 1rem;max-width:42rem}
        .list{padding-left:1.2rem}.list li{margin:.3rem 0}.list li::marker{color:var(--accent)}
        header.page{border-bottom:1px solid var(--line);padding-bottom:1.5rem}
        .subtitle{color:var(--soft);margin:.6rem 0 0}
        nav{margin-top:1.25rem;font-size:.9rem}
        nav div{display:flex;flex-wrap:wrap;align-items:baseline;margin-top:.35rem}
        nav b{flex:0 0 6.5rem;font-weight:500;font-size:.8rem;color:var(--soft)}
        nav ul{flex:1 1 16rem;display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;margin:0;padding:0;list-style:none}
        a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.2em}
        nav a{display:inline-block;text-decoration:none;padding:.2rem 0}nav a:hover{text-decoration:underline}
        :focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:2px}
        main>section{margin-top:3.5rem;scroll-margin-top:1rem}
        footer{margin-top:4.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
        code,pre,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
        code{font-size:.9em}
        p code,li code{background:var(--card);padding:.1em .3em;border-radius:3px}
        bdi{unicode-bidi:isolate}
        .callout{border-left:3px solid var(--accent);padding:.1rem 0 .1rem 1rem}
        .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .note,.empty{color:var(--soft);font-size:.85rem;line-height:1.5;margin:.5rem 0 0}

        """

    private static let drawings: StaticString = """
        .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:2.25rem 2.5rem;
        margin:1.5rem 0 2rem}
        .grid.alone{grid-template-columns:minmax(0,44rem)}
        .grid.minor{grid-template-columns:repeat(auto-fill,minmax(min(45%,13rem),1fr));gap:1.5rem}
        figure{margin:0;min-width:0;font-size:.8rem;line-height:1.4}
        figcaption{margin-bottom:.35rem}figcaption b{font-size:.95rem;font-weight:600}
        figcaption span,.axis{color:var(--soft)}
        .plot{margin:.6rem .25rem 1.5rem 0;font-size:.72rem}
        .plot>svg{display:block;width:100%;height:10.5rem;overflow:visible}
        .alone .plot>svg{height:15rem}.minor .plot>svg{height:6rem}
        .plot.square,.square+.axis{max-width:22rem}.plot.square>svg,.alone .plot.square>svg{height:auto;aspect-ratio:1}
        .plot svg svg{width:100%;height:100%;overflow:visible}
        .axis{margin:0 .25rem 0 0;max-width:none;text-align:right;font-size:.75rem}
        .axes line{stroke:var(--line);stroke-width:1;shape-rendering:crispEdges}
        .axes text{fill:var(--soft);text-anchor:middle}.axes .side,.axes .end{text-anchor:end}
        path{fill:none;stroke:var(--c);vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
        .raw{stroke-width:1;opacity:.28}.mean{stroke-width:2}.dots{stroke-width:6}
        .reference line,line.reference{stroke:var(--soft);stroke-width:1.25;stroke-dasharray:2 4;stroke-linecap:round}
        .gap{stroke:var(--c);stroke-width:2;opacity:.35}.dot{fill:var(--c);stroke:var(--paper);stroke-width:1.5}
        .s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}
        .s1 .mean{stroke-dasharray:7 4}.s2 .mean{stroke-dasharray:2 4}.s3 .mean{stroke-dasharray:10 4 2 4}
        .legend{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1rem;color:var(--soft)}
        .legend b{color:var(--ink);font-weight:600}
        .key{display:inline-block;width:1.3em;margin-right:.45em;vertical-align:.28em;border-top:2px solid var(--c)}
        .s1 .key{border-top-style:dashed}.s2 .key,.reference .key{border-top-style:dotted}
        .reference .key{border-color:var(--soft)}

        """

    private static let tables: StaticString = """
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,8.5rem),1fr));margin:1.5rem 0 2rem;
        border:1px solid var(--line);border-radius:8px;overflow:hidden}
        .cards div{padding:1rem 1.1rem;box-shadow:1px 1px 0 var(--line)}
        .cards dt{font-size:.8rem;color:var(--soft)}.cards dd{margin:0;font-size:.8rem;line-height:1.4;color:var(--soft)}
        .cards .value{font-size:clamp(1.3rem,4.5vw,1.55rem);overflow-wrap:normal;font-weight:600;line-height:1.3;letter-spacing:-.02em;color:var(--accent)}
        .changes{list-style:none;margin:1.5rem 0 2rem;padding:0;display:grid;
        grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));border:1px solid var(--line);border-radius:8px;
        overflow:hidden}
        .changes li{display:grid;grid-row:span 4;grid-template-rows:subgrid;padding:1rem 1.2rem;box-shadow:1px 1px 0 var(--line)}.changes h3{font-size:.95rem;margin:0 0 .6rem}
        .change{display:flex;align-items:center;gap:1rem;margin:0 0 .6rem;line-height:1.35}
        .change bdi,.change small{display:block;font-size:.8rem;color:var(--soft)}
        .change b{display:block;font-size:1.65rem;line-height:1.25;font-weight:600;letter-spacing:-.02em;white-space:nowrap}
        .change>:first-child b{color:var(--soft)}.change>:last-child b{color:var(--accent)}
        .change .to{font-size:1.4rem;color:var(--soft)}.finding{margin:0;line-height:1.4}
        .scroll{overflow-x:auto;margin:1.5rem 0 .5rem}
        .scroll table{border-collapse:separate;border-spacing:0;font-size:.9rem;line-height:1.4;min-width:min(100%,36rem)}
        .scroll table.figures{width:100%}
        caption{text-align:left;font-weight:600;padding-bottom:.6rem}
        caption span{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 2rem)}
        .scroll th,.scroll td{padding:.5rem .9rem;text-align:right;white-space:nowrap;vertical-align:baseline}
        .scroll tbody tr>*{border-top:1px solid var(--line)}.scroll tbody tr:first-child>*{border-top-color:var(--soft)}
        .scroll tbody tr:last-child>*{border-bottom:1px solid var(--line)}
        .scroll th{font-weight:500}.scroll thead th{color:var(--soft);font-size:.8rem}
        .scroll th:first-child{text-align:left;padding-left:0;position:sticky;left:0;background:var(--paper)}
        .scroll tbody th{white-space:normal;min-width:8rem}.scroll th small{display:block;font-weight:400}
        small{font-size:.8em;color:var(--soft)}td small{display:inline-block;min-width:4.5em;text-align:left;font-weight:400}
        .best{font-weight:700;color:var(--accent)}
        .arrow{color:var(--soft)}.none{color:var(--soft)}
        .meter{display:block;width:100%;height:.3rem;margin-top:.3rem;background:var(--line);border-radius:2px}
        .bar{fill:var(--c);opacity:.75}.whisker{stroke:var(--ink);stroke-width:1.5}
        .folds table{table-layout:fixed}.folds thead th:first-child{width:30%}.folds td{white-space:normal}
        .folds td:not(:last-child){padding-right:.6rem}
        @media screen and (max-width:62rem){.folds td small{display:block;min-width:0;text-align:right}}
        @media screen and (max-width:44rem){.folds{overflow:visible}.folds :is(table,caption,thead,tbody){display:block}
        .folds tr{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr));gap:0 .6rem;padding:.5rem 0;
        border-top:1px solid var(--line)}
        .folds tbody tr:first-child{border-top-color:var(--soft)}.folds tbody tr:last-child{border-bottom:1px solid var(--line)}
        .folds tr>*,.folds td:not(:last-child){border:0!important;padding:0;min-width:0}
        .folds tr>th:first-child{grid-column:1/-1;position:static;margin-bottom:.25rem}
        .folds thead th:first-child:empty{display:none}
        .folds thead{position:sticky;top:0;background:var(--paper)}.folds thead tr{border:0}
        .folds td small{font-size:.7rem;line-height:1.2}}

        """

    private static let texts: StaticString = """
        .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:1.25rem;margin:1rem 0}
        .comparison{margin:2rem 0 2.5rem}.comparison h3{margin-top:0}
        .column{min-width:0;border-top:2px solid var(--line);padding-top:.6rem}
        .column header{display:flex;flex-wrap:wrap;gap:.1rem .75rem;justify-content:space-between;align-items:baseline;
        margin-bottom:.6rem}
        .verdict{display:inline-block;font-size:.8rem;line-height:1.35;font-weight:600;border:1px solid;border-radius:1em;
        padding:.02rem .6rem}
        .good{color:var(--good)}.bad{color:var(--bad)}.neutral{color:var(--soft)}
        .turn{margin-bottom:.8rem}.role{display:block;font-size:.72rem;color:var(--soft);margin-bottom:.1rem}
        .said{font-size:.92rem;line-height:1.55;white-space:pre-wrap;unicode-bidi:isolate;overflow:hidden}
        .shared{background:var(--card);border-radius:8px;padding:.9rem 1.1rem .2rem;max-width:46rem}
        .column .answer .role{display:none}
        .code{font-size:.78rem;line-height:1.5;tab-size:4}
        .sample .said{max-height:26rem;overflow:auto}.given{color:var(--soft)}
        [title]{cursor:help}
        .answer .said{padding:1.5rem .9rem 0 0;margin:-1.5rem -.9rem 0 0}
        [data-p]{position:relative;border-radius:2px}[data-p]:hover{outline:1px solid var(--accent)}
        [data-p]:hover::after{content:attr(data-p);content:attr(data-p)/"";position:absolute;left:0;bottom:100%;z-index:1;
        padding:.1em .4em;border-radius:3px;background:var(--ink);color:var(--paper);font-size:.75rem;line-height:1.4;white-space:nowrap}
        details{margin-top:.3rem;font-size:.8rem;color:var(--soft)}
        summary{width:fit-content;padding:.3rem .3rem .3rem 0;cursor:pointer}
        .odds{display:flex;flex-wrap:wrap;gap:.4rem .15rem;padding:.3rem 0 .6rem;line-height:1.3}
        .odds>span{display:inline-flex;flex-direction:column;align-items:center;padding:0 .2rem;background:var(--card);
        border-radius:3px;white-space:pre;max-width:100%;overflow:hidden}
        .odds bdi{color:var(--ink)}.odds small{font-size:.68rem}
        .t1{background:rgba(var(--warm),.07)}.t2{background:rgba(var(--warm),.13)}.t3{background:rgba(var(--warm),.19)}
        .t4{background:rgba(var(--warm),.25)}.t5{background:rgba(var(--warm),.31)}.t6{background:rgba(var(--warm),.37)}
        .t7{background:rgba(var(--warm),.43)}.t8{background:rgba(var(--warm),.49)}.t9{background:rgba(var(--warm),.55)}
        .facts dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:0 2.5rem;margin:0 0 1.5rem}
        .facts dl div{display:flex;justify-content:space-between;gap:1rem;padding:.4rem 0;border-bottom:1px solid var(--line);
        font-size:.9rem}
        .facts dt{color:var(--soft);flex:none;max-width:55%}.facts dd{margin:0;text-align:right;min-width:0}
        .commands{background:var(--card);border-radius:8px;padding:1rem 1.1rem;margin:0 0 1.5rem;font-size:.82rem;line-height:1.7;
        white-space:pre-wrap;overflow-wrap:anywhere}
        .commands code{display:block;font-size:1em;padding-left:2ch;text-indent:-2ch}.commands span{white-space:nowrap}

        """

    private static let print: StaticString = """
        @page{margin:13mm}
        @media print{:root{--paper:#fff;--ink:#000;--soft:#555;--line:#ccc;--card:#f4f4f4;--accent:#0b6e63;
        --good:#0b6e63;--bad:#ad2436;--warm:214,120,20;
        --s0:#0b6e63;--s1:#b9520b;--s2:#6549b5;--s3:#2f6da8;--s4:#b3315f;--s5:#73721b}
        html{font-size:8.6pt}body{max-width:none;padding:0;line-height:1.45;
        -webkit-print-color-adjust:exact;print-color-adjust:exact}
        nav,details{display:none}h1{font-size:2rem}h2{font-size:1.4rem;margin-bottom:.6rem}h3{margin:1rem 0 .4rem}
        main>section{margin-top:1.6rem}p,.list{max-width:none}
        h2,h3,h2+p,caption,thead,.column header{break-after:avoid}.commands{break-before:avoid}
        p,figure,table,tr,pre,.cards,.changes,.comparison,.column,.facts{break-inside:avoid}
        .grid,.grid.alone{grid-template-columns:repeat(3,minmax(0,1fr));gap:.9rem 1.5rem;margin:.5rem 0 1rem}
        .grid.minor{grid-template-columns:repeat(4,minmax(0,1fr))}
        .plot>svg,.alone .plot>svg{height:6.5rem}.minor .plot>svg{height:4rem}.plot{margin-bottom:1.2rem}
        .note{margin-top:.2rem}.scroll{overflow:visible;margin-top:1rem}.scroll th,.scroll td{padding:.3rem .6rem}
        .changes,.cards{margin:.8rem 0 1rem}.commands{padding:.5rem .8rem;line-height:1.4;margin-bottom:.8rem}
        .comparison{margin:1rem 0 1.2rem}.columns{grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));margin:.6rem 0}
        .sample .said{max-height:none;overflow:visible}footer{margin-top:1.5rem}}

        """
}
