// A page as most are that stand open: text, a style and a picture, and nothing that goes on by itself. The other pages of the demo sites ask, play and listen for as long as they are open.

export const STILL_PATH = '/still';

/** @param address the caller's, as the site sees it */
export function renderStillPage(address: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Still</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/style.css" />
  </head>
  <body>
    <p>This site sees you as <strong id="address">${address}</strong></p>
    <img src="/picture.svg?hue=80" alt="" width="320" height="160" />
  </body>
</html>
`;
}
