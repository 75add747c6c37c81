// docs/user as pages of the extension: what is said to people lies in the package and asks no server. Pure; called by webpack.config.ts.

import { Marked } from 'marked';

const marked = new Marked();

/** @param text Markdown of docs/user, whose first line is its title; links to its neighbours become links to their pages */
export function helpPage(text: string): string {
  const title = /^# (.+)$/m.exec(text)?.[1];
  if (title === undefined) throw new Error('a page of docs/user has no title');
  const body = marked.parse(text, { async: false }).replaceAll(/href="([a-z-]+)\.md"/g, 'href="$1.html"');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta name="color-scheme" content="light dark" />
    <title>${title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>
    <link rel="stylesheet" href="/pages/page.css" />
    <link rel="stylesheet" href="help.css" />
  </head>
  <body>
    <main>
      <nav><a href="index.html">CONET</a></nav>
${body}    </main>
  </body>
</html>
`;
}
