// A button that copies a text, and says that it did.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../../src/text/translate.ts';

/** @param label what the button says before */
export function Copy({ text, label }: { text: string; label: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" class="again copy" aria-live="polite" onClick={copy}>
      {copied ? t('common_copied') : label}
    </button>
  );
}
