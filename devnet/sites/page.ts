// The pages of the demo sites, rendered by the server so that the address at the top is true without any script.

import { EXIT_ADDRESSES, RELAYS, SITES, type SitePlan } from '../plan.ts';
import { DEFAULT_DOWNLOAD_BYTES } from './download.ts';
import { STORIES } from './stories.ts';

export type PageInit = {
  site: SitePlan;
  /** The caller's address as the site sees it. */
  address: string;
  protocol: string;
  visit: string;
  /** `https://media.demo.test:8443`, for the picture that all sites share. */
  mediaOrigin: string;
};

export function renderPage({ site, address, protocol, visit, mediaOrigin }: PageInit): string {
  const query = (kind: string) => `kind=${kind}&amp;visit=${visit}`;
  const cards = (STORIES[site.host] ?? []).map(
    ({ title, text, hue }) => `<article>
        <img src="/picture.svg?hue=${hue}" alt="" width="320" height="160" />
        <h2>${title}</h2>
        <p>${text}</p>
      </article>`,
  );
  const title = escapeHtml(site.title);
  return `<!doctype html>
<html lang="en" data-site="${site.host}" data-visit="${visit}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${title}</title>
    <link rel="icon" href="/picture.svg?hue=140" type="image/svg+xml" />
    <link rel="stylesheet" href="/style.css" />
    <script src="/page.js" defer></script>
  </head>
  <body>
    <p class="seen ${EXIT_ADDRESSES.has(address) ? 'relayed' : 'direct'}">
      This site sees you as <strong id="address">${address}</strong>
      <span>${describeCaller(address)}, over ${protocol}</span>
    </p>
    <header>
      <h1>${title}</h1>
      <nav>${Object.values(SITES)
        .map(({ host, title: name }) => `<a href="//${host}${portOf(mediaOrigin)}/">${escapeHtml(name)}</a>`)
        .join('')}</nav>
    </header>
    <main>
      <img class="hero" src="/picture.svg?hue=200&amp;wide=1&amp;${query('image')}" alt="A calm landscape" width="960" height="240" />
      ${cards.join('\n      ')}
      <figure>
        <video src="/clip.webm?${query('video')}" muted autoplay loop playsinline controls width="320" height="180"></video>
        <figcaption>A film, and <a id="download" download href="/download?bytes=${DEFAULT_DOWNLOAD_BYTES}&amp;${query('download')}">a file to download</a></figcaption>
      </figure>
      <figure>
        <img src="${mediaOrigin}/picture.svg?hue=30&amp;${query('shared-image')}" alt="" width="320" height="180" />
        <figcaption>A picture from a host that all four sites share</figcaption>
      </figure>
      <section>
        <h2>How each request arrived</h2>
        <p>Every part of this page is a request of its own. This is the address it came from, as the server saw it.</p>
        <table id="seen"><tbody></tbody></table>
      </section>
    </main>
  </body>
</html>
`;
}

/** Who stands behind an address of the devnet, for people. */
export function describeCaller(address: string): string {
  const relay = RELAYS.find((each) => each.address === address);
  return relay ? `${relay.name}, run by ${relay.operator} in ${relay.region}` : 'your own address, no relay between';
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function portOf(origin: string): string {
  const { port } = new URL(origin);
  return port === '' ? '' : `:${port}`;
}
