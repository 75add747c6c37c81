// Draws the page's model. What can be agreed to takes the focus when it comes.

import type { JSX, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../src/text/translate.ts';
import type { ScanModel } from './view-model.ts';

export type ScanPageProps = {
  model: ScanModel;
  video: RefObject<HTMLVideoElement | null>;
  onCamera: (action: 'start' | 'stop') => void;
  onFile: (file: File) => void;
  onAdd: () => void;
};

export function ScanPage({ model, video, onCamera, onFile, onAdd }: ScanPageProps): JSX.Element {
  const { camera, said, add } = model;
  const agree = useRef<HTMLButtonElement>(null);
  const isFound = add !== undefined;
  useEffect(() => {
    if (isFound) agree.current?.focus();
  }, [isFound]);
  return (
    <>
      <header>
        <h1>{t('scan_title')}</h1>
        <p>{t('scan_about')}</p>
      </header>
      <section class="camera">
        <video ref={video} class={camera.isSeen ? 'seen' : ''} muted playsInline aria-label={t('scan_video')} />
        <p role="status">{camera.words}</p>
        <button type="button" class="second" data-action={camera.action} onClick={() => onCamera(camera.action)}>
          {camera.label}
        </button>
      </section>
      <section class={`found ${said.tone}`}>
        <div role="status" aria-live="polite" aria-atomic="true">
          {said.sentences.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {said.code === undefined ? null : (
            // A stranger's words, in one direction and one line's length (read-code.ts).
            <code dir="ltr">{said.code}</code>
          )}
        </div>
        {add === undefined ? null : (
          <button ref={agree} type="button" data-action="add" disabled={add.isBusy} onClick={onAdd}>
            {add.label}
          </button>
        )}
      </section>
      <section class="file">
        <label for="picture">{t('scan_file')}</label>
        <input
          id="picture"
          type="file"
          accept="image/png,image/jpeg,image/webp"
          aria-describedby="picture-note"
          onChange={(event) => {
            const { files } = event.currentTarget;
            const [file] = files ?? [];
            if (file !== undefined) onFile(file);
            // The same file can be chosen again.
            event.currentTarget.value = '';
          }}
        />
        <p id="picture-note" class="note">
          {t('scan_file_note')}
        </p>
      </section>
    </>
  );
}
