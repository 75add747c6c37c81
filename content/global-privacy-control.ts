// `navigator.globalPrivacyControl === true` in the page's own world, in the form that the specification gives it
// (https://www.w3.org/TR/gpc/#javascript-property-to-detect-preference). Runs as the page does: it must do nothing else.

type WithGpc = Navigator & { globalPrivacyControl?: boolean };

/** What the page is told already. */
export function isAsking(view: { navigator: Navigator }): boolean {
  return (view.navigator as WithGpc).globalPrivacyControl === true;
}

export function askForPrivacy(): void {
  if (isAsking(globalThis)) return;
  // A getter of a literal has the name and form that a browser's own has.
  const literal = {
    get globalPrivacyControl(): boolean {
      return true;
    },
  };
  const property = Object.getOwnPropertyDescriptor(literal, 'globalPrivacyControl');
  if (property !== undefined) Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', property);
}
