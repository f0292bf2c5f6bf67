/// The report's style sheet: light and dark, narrow and wide, on screen and on paper.
enum ReportStyle {
    static let css = """
        :root {
          color-scheme: light dark;
          --paper: #ffffff; --panel: #f6f8fa; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0;
          --link: #0969da; --good: #2da44e; --bad: #cf222e; --warn: #bf8700; --info: #218bff;
          --faint: #eaeef2; --answered: #218bff; --missed: #e16f24; --other: #8c959f;
          --on-cell: #ffffff;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #0d1117; --panel: #161b22; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d;
            --link: #58a6ff; --good: #3fb950; --bad: #f85149; --warn: #d29922; --info: #4493f8;
            --faint: #21262d; --answered: #4493f8; --missed: #f0883e; --other: #7d8590;
            --on-cell: #0d1117;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
        header { padding-top: 28px; }
        h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 20px; margin: 44px 0 12px; border-bottom: 1px solid var(--line);
             padding-bottom: 6px; }
        h3 { font-size: 16px; margin: 0 0 2px; overflow-wrap: anywhere; }
        h4 { font-size: 13px; font-weight: 600; margin: 18px 0 6px; color: var(--soft); }
        p { margin: 0 0 8px; }
        a { color: var(--link); }
        .soft { color: var(--soft); font-size: 13px; }
        .skip { position: absolute; left: -9999px; }
        .skip:focus { left: 20px; top: 8px; background: var(--panel); padding: 6px 10px; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
        nav ul { list-style: none; margin: 16px 0 0; padding: 0; display: flex; flex-wrap: wrap;
                 gap: 4px 18px; }
        dl.cards { display: grid; gap: 12px; margin: 20px 0 0;
                   grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
        dl.cards > div { background: var(--panel); border: 1px solid var(--line);
                         border-radius: 8px; padding: 10px 14px; }
        dl.cards dt { font-size: 13px; color: var(--soft); }
        dl.cards dd { margin: 0; font-size: 22px; font-weight: 600;
                      font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        dl.cards dd.small { font-size: 17px; }
        dl.cards dd span { display: block; font-size: 13px; font-weight: 400;
                           color: var(--soft); }
        .is-bad { color: var(--bad); } .is-good { color: var(--good); }
        .panel { background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
                 padding: 16px; margin: 0 0 18px; }
        .charts { display: grid; gap: 0 36px;
                  grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
        svg.chart { display: block; width: 100%; height: auto; max-width: 420px; }
        svg text { fill: var(--soft); font: 10px system-ui, -apple-system, "Segoe UI", sans-serif; }
        svg .grid { stroke: var(--line); stroke-width: .6; }
        svg text.mark { fill: var(--on-cell); font-weight: 700; font-size: 7px;
                        text-anchor: middle; }
        svg .missing + text.mark { fill: var(--bad); }
        .complete { fill: var(--good); } .failed { fill: var(--bad); }
        .missing { fill: none; stroke: var(--bad); stroke-width: 1; }
        .shrunk, .unreconciled, .interrupted, .skipped { fill: var(--warn); }
        .outdated, .archived, .running { fill: var(--info); }
        .not_due { fill: var(--faint); }
        .answered { fill: var(--answered); } .missed { fill: var(--missed); }
        .other { fill: var(--other); } .time { fill: var(--info); }
        ul.legend { list-style: none; margin: 8px 0 0; padding: 0; display: flex;
                    flex-wrap: wrap; gap: 2px 16px; font-size: 13px; color: var(--soft); }
        ul.legend svg { width: 11px; height: 11px; vertical-align: -1px; margin-right: 5px; }
        .scroll { overflow-x: auto; }
        .charts + .scroll { margin-top: 20px; }
        table { border-collapse: collapse; width: 100%; font-size: 13px;
                font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding: 0 0 6px; }
        caption span { display: inline-block; max-width: calc(100vw - 76px); }
        th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line);
                 vertical-align: top; white-space: nowrap; }
        th { font-weight: 600; color: var(--soft); }
        td.n, th.n { text-align: right; padding-right: 20px; }
        td.wrap { white-space: normal; min-width: 220px; overflow-wrap: anywhere; }
        tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
        tbody th { color: var(--ink); font-weight: 500; }
        details { margin-top: 14px; }
        summary { cursor: pointer; font-size: 13px; color: var(--link); }
        details > .scroll { max-height: 420px; overflow: auto; margin-top: 8px; }
        footer { margin-top: 48px; padding-bottom: 32px; color: var(--soft); font-size: 13px; }
        @media (max-width: 560px) {
          main, header, footer { padding-left: 14px; padding-right: 14px; }
          .panel { padding: 12px; }
          h1 { font-size: 23px; }
          dl.cards { grid-template-columns: 1fr 1fr; }
          dl.cards dd { font-size: 19px; }
        }
        @media print {
          :root { --paper: #fff; --panel: #fff; --ink: #000; --soft: #444; --line: #bbb; }
          body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          nav, .skip { display: none; }
          tr, svg, .charts, dl.cards > div { break-inside: avoid; }
          h2, h3, caption { break-after: avoid; }
          .scroll, details > .scroll { overflow: visible; max-height: none; }
          details::details-content { content-visibility: visible; display: block; }
          td, th { white-space: normal; padding-right: 8px; }
        }
        """
}
