// A page that may say to the worker what the popup may, and runs none of the popup's code: the popup itself keeps a line to the worker and
// would wake it in the moment it died. Text, evaluated in the harness's control page of the extension.

/**
 * An expression whose value is a window that sends as the popup. Firefox goes by the document's address, which a page may change by itself.
 * Chromium goes by the address it was loaded from: a frame of the popup, stopped before its script came.
 */
export const POPUP_WINDOW = `(async () => {
  if (location.protocol === 'moz-extension:') {
    history.replaceState(null, '', '/popup/index.html');
    return window;
  }
  const make = async () => {
    const frame = document.createElement('iframe');
    frame.src = '/popup/index.html';
    document.body.append(frame);
    const { port1, port2 } = new MessageChannel();
    await new Promise((resolve) => {
      port1.onmessage = () => {
        if (!frame.contentWindow.location.pathname.endsWith('index.html')) return port2.postMessage(0);
        frame.contentWindow.stop();
        resolve();
      };
      port2.postMessage(0);
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (frame.contentDocument.querySelector('#popup')?.childElementCount) {
      frame.remove();
      return make();
    }
    return frame.contentWindow;
  };
  return (globalThis.popupWindow ??= make());
})()`;
