// The mark: a small word in a corner of a private page. It lives in a closed shadow root of the page's own body, because nobody tells a page
// of that: no element is added that it could find, style or remove, and a closed root cannot be read. A body that has a root already, or
// cannot have one (frames of old), gets an element beside it instead. Must never take a click, a key or the focus. Called by mark.ts.

export type Mark = {
  show(): void;
  hide(): void;
  /** Whether it stands in the page that is shown, with room to be seen. */
  isShown(): boolean;
};

/** Beside the body a page can see the element go and come. One that removes it each time must not be fought without end. */
const MAX_RETURNS = 20;
const REST_MS = 1000;

const LOOK: Readonly<Record<string, string>> = {
  all: 'initial',
  position: 'fixed',
  right: '10px',
  bottom: '10px',
  'z-index': '2147483647',
  display: 'block',
  padding: '2px 8px',
  'border-radius': '10px',
  background: 'rgb(26 127 75 / 88%)',
  color: '#fff',
  font: '600 11px/16px system-ui, sans-serif',
  'letter-spacing': '0.02em',
  'pointer-events': 'none',
  'user-select': 'none',
};

/** @param words in small letters, and for a screen reader */
export function showMark(page: Document, words: { text: string; label: string }): Mark {
  const label = page.createElement('span');
  label.textContent = words.text;
  // One thing for a screen reader: the image, not its text.
  label.setAttribute('role', 'img');
  label.setAttribute('aria-label', words.label);
  // By the style object: a page's content security policy may forbid style elements.
  for (const [name, value] of Object.entries(LOOK)) label.style.setProperty(name, value, 'important');

  let wanted = true;
  /** Where the label stands, and the root around it. */
  let home: { element: HTMLElement; root: ShadowRoot } | undefined;
  let returns = 0;
  let resting = false;

  const settle = (): void => {
    const { body, documentElement } = page as { body: HTMLElement | null; documentElement: HTMLElement | null };
    if (!wanted || body === null || documentElement === null || resting) return;
    if (
      home?.element.isConnected === true &&
      (home.element === body || home.element.parentElement === documentElement)
    ) {
      if (label.parentNode !== home.root) home.root.append(label);
      return;
    }
    home = inBody(page, body) ?? beside(page, documentElement);
    home.root.append(label);
    if (home.element === body) return;
    returns += 1;
    if (returns % MAX_RETURNS !== 0) return;
    resting = true;
    setTimeout(() => {
      resting = false;
      settle();
    }, REST_MS);
  };

  const observer = new MutationObserver(settle);
  const watch = (): void => {
    observer.observe(page, { childList: true });
    if ((page.documentElement as HTMLElement | null) !== null)
      observer.observe(page.documentElement, { childList: true });
  };
  // A page may put another root element in the place of the one there was.
  new MutationObserver(watch).observe(page, { childList: true });
  watch();
  settle();

  const print = (hidden: boolean): void => label.style.setProperty('display', hidden ? 'none' : 'block', 'important');
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));

  return {
    show: () => {
      wanted = true;
      settle();
    },
    hide: () => {
      wanted = false;
      label.remove();
    },
    isShown: () => label.isConnected && label.getBoundingClientRect().width > 0,
  };
}

function inBody(page: Document, body: HTMLElement): { element: HTMLElement; root: ShadowRoot } | undefined {
  try {
    const root = body.attachShadow({ mode: 'closed' });
    // What the body holds stays where it is.
    root.append(page.createElement('slot'));
    return { element: body, root };
  } catch {
    return undefined;
  }
}

function beside(page: Document, parent: HTMLElement): { element: HTMLElement; root: ShadowRoot } {
  const element = page.createElement('div');
  // Its own style element or class would be the page's to change; an inline `important` is the last word.
  for (const [name, value] of Object.entries({ all: 'initial', display: 'contents' })) {
    element.style.setProperty(name, value, 'important');
  }
  parent.append(element);
  return { element, root: element.attachShadow({ mode: 'closed' }) };
}
