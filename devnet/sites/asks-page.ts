// A page that says whether its visitor asks for privacy (Global Privacy Control): in the request's header, and in the property as the very
// first script of the page and of its frames sees it. Its policy forbids all styles: what an extension draws must not need any.

export const ASKS_PATH = '/asks';

const POLICY = "default-src 'none'; script-src 'unsafe-inline'; frame-src *";

export type AsksPageInit = {
  /** The value of Sec-GPC; undefined when it was not sent. */
  header: string | undefined;
  /** Origin of another site, for a frame. */
  otherOrigin: string;
  /** A frame of the page: it only tells the page what it saw. */
  isFrame: boolean;
};

export function asksPolicy(): string {
  return POLICY;
}

export function renderAsksPage({ header, otherOrigin, isFrame }: AsksPageInit): string {
  const seen = `{ header: ${JSON.stringify(header ?? null)}, property: navigator.globalPrivacyControl === true }`;
  if (isFrame) {
    return `<!doctype html><script>parent.postMessage({ [new URLSearchParams(location.search).get('frame')]: ${seen} }, '*');</script>\n`;
  }
  const first = 'navigator.globalPrivacyControl === true';
  return `<!doctype html>
<script>
window.asks = { page: ${seen} };
addEventListener('message', ({ data }) => { Object.assign(window.asks, data); });
</script>
<html lang="en"><head><title>What is asked</title></head>
<body>
<p>Header: ${header === '1' ? 'asks for privacy' : 'does not ask'}. Property: <span id="property"></span></p>
<script>document.querySelector('#property').textContent = window.asks.page.property ? 'asks for privacy' : 'does not ask';</script>
<iframe title="same origin" src="${ASKS_PATH}?frame=same"></iframe>
<iframe title="another site" src="${otherOrigin}${ASKS_PATH}?frame=other"></iframe>
<iframe title="srcdoc" srcdoc="<script>parent.postMessage({ srcdoc: { property: ${first} } }, '*')</script>"></iframe>
</body></html>
`;
}
