// @vitest-environment happy-dom
// The scan page as a person meets it: what it says of each code, camera and picture, and that one click sends what is sent of a typed address.

import { createRef, options, render } from 'preact';
import { act } from 'preact/test-utils';
import { beforeEach, describe, expect, test } from 'vitest';
import { CAMERA_PROBLEMS, CameraError, type CameraProblem } from '../../../pages/scan/camera.ts';
import type { Pixels } from '../../../pages/scan/find-code.ts';
import { PICTURE_PROBLEMS, PictureError, type PictureProblem } from '../../../pages/scan/picture-file.ts';
import { createScanner, type Scanner, type ScannerDeps } from '../../../pages/scan/scanner.ts';
import { toScanModel, type ScanState } from '../../../pages/scan/view-model.ts';
import { ScanPage } from '../../../pages/scan/views.tsx';
import { CAMERA, PICTURE } from '../../../pages/scan/words.ts';
import { BEGIN_ADVICE } from '../../../src/core/directory/begin-advice.ts';
import { formatBeginAddress, parseBeginAddress } from '../../../src/core/directory/begin-address.ts';
import { MAX_BEGIN_ADDRESSES, NO_BEGIN_PLACES, type BeginPlaces } from '../../../src/core/directory/begin-places.ts';
import { labelOfKey } from '../../../src/core/directory/peer-key.ts';
import { MessageError } from '../../../src/messages/message-error.ts';
import { MESSAGE_ERRORS } from '../../../src/messages/protocol.ts';
import { say, t } from '../../../src/text/translate.ts';

// Effects in the microtask after the drawing, not with the next frame.
options.requestAnimationFrame = (callback) => queueMicrotask(callback);

const addressOf = (host: string): string =>
  `/dns4/${host}.${labelOfKey(new Uint8Array(32).fill(7))}.z.test/tcp/443/tls/ws`;
const CODE = addressOf('192-0-2-7');
const STORED = formatBeginAddress(parseBeginAddress(CODE));
const PIXELS: Pixels = { width: 1, height: 1, data: new Uint8ClampedArray(4) };

/** Answers of the browser and the worker, and what they were asked. */
class Page {
  places: BeginPlaces = NO_BEGIN_PLACES;
  refuse: Error | undefined;
  camera: Parameters<ScannerDeps['openCamera']>[0] | undefined;
  openCamera: () => Promise<void> = () => Promise.resolve();
  readPicture: () => Promise<Pixels> = () => Promise.resolve(PIXELS);
  /** What stands before the camera, or in the picture. */
  code: string | undefined;
  readonly sent: BeginPlaces[] = [];
  readonly looks: number[] = [];
  /** How often something was. */
  shown = 0;
  readonly scanner: Scanner;
  private readonly root = document.createElement('main');

  constructor() {
    document.body.replaceChildren(this.root);
    this.scanner = createScanner({
      openCamera: (init) => {
        this.camera = init;
        return this.openCamera();
      },
      readPicture: () => this.readPicture(),
      findCode: (_pixels, look) => {
        this.looks.push(look);
        return this.code;
      },
      findCodeInAll: () => this.code,
      send: (async (type: string, data: { places?: BeginPlaces }) => {
        if (this.refuse !== undefined) throw this.refuse;
        if (type === 'relays/set-begin' && data.places !== undefined) this.sent.push((this.places = data.places));
        return { places: this.places, news: [] };
      }) as never,
      show: (state) => this.draw(state),
    });
    this.draw({ camera: 'off', found: undefined, adding: undefined });
  }

  async do(what: () => unknown): Promise<void> {
    await act(async () => {
      await what();
    });
  }

  frame(): Promise<void> {
    return this.do(() => this.camera?.onFrame(PIXELS));
  }

  get isOut(): boolean {
    return this.camera?.signal.aborted === true;
  }

  get text(): string {
    return this.root.textContent;
  }

  get add(): HTMLButtonElement | null {
    return document.querySelector('[data-action=add]');
  }

  private draw(state: ScanState): void {
    this.shown += 1;
    const on = {
      onCamera: (action: 'start' | 'stop') =>
        action === 'start' ? void this.scanner.startCamera() : this.scanner.stopCamera(),
      onFile: (file: File) => void this.scanner.takePicture(file),
      onAdd: () => void this.scanner.add(),
    };
    render(<ScanPage model={toScanModel(state)} video={createRef<HTMLVideoElement>()} {...on} />, this.root);
  }
}

let page: Page;
beforeEach(() => {
  page = new Page();
});

describe('the camera', () => {
  test('finds the address of a relay: it is out at once, what was read is shown, and nothing is sent yet', async () => {
    await page.do(() => page.scanner.startCamera());
    expect(page.text).toContain(t(CAMERA.on));
    await page.frame();
    expect(page.text).not.toContain('A relay at');
    page.code = CODE;
    await page.frame();
    expect(page.isOut).toBe(true);
    expect(page.text).toContain('A relay at 192.0.2.7, port 443');
    expect(document.querySelector('code')?.textContent).toBe(STORED);
    expect(page.sent).toEqual([]);
    // Whoever uses a keyboard is where they can agree.
    expect(document.activeElement).toBe(page.add);
    // Other looks at each picture.
    expect(page.looks).toEqual([0, 1]);
  });

  test('one click sends it as the popup sends a typed one, beside what is there', async () => {
    page.places = { addresses: [addressOf('192-0-2-9')], names: ['begin.example'], resolver: 'https://dns.test/q' };
    const before = page.places;
    page.code = CODE;
    await page.do(() => page.scanner.startCamera());
    await page.frame();
    await page.do(() => page.add?.click());
    expect(page.sent).toEqual([{ ...before, addresses: [...before.addresses, STORED] }]);
    expect(page.text).toContain(t('scan_added'));
    expect(page.add).toBeNull();
  });

  test('goes on looking at a code that is no relay’s address, and says so once', async () => {
    page.code = 'javascript:alert(1)';
    await page.do(() => page.scanner.startCamera());
    await page.frame();
    const { shown } = page;
    await page.frame();
    expect(page.shown).toBe(shown);
    expect(page.isOut).toBe(false);
    expect(page.text).toContain(t('scan_other'));
    expect(page.text).toContain(BEGIN_ADVICE['begin-not-an-address']);
    expect(page.add).toBeNull();
    page.code = CODE;
    await page.frame();
    expect(page.text).toContain('A relay at');
    expect(page.text).not.toContain(t('scan_other'));
  });

  test('a hostile code is text: no element, no link, nothing beyond a line', async () => {
    for (const code of ['<img src=x onerror=alert(1)>', '\u202e/dns4/evil', 'x'.repeat(2900), 'a\u0000\u001b[2J']) {
      page.code = code;
      await page.do(() => page.scanner.startCamera());
      await page.frame();
      const shown = document.querySelector('code')!.textContent;
      expect(shown.length).toBeLessThanOrEqual(81);
      expect(shown).toMatch(/^[\u0020-\u007e\ufffd]*…?$/);
      expect(document.querySelector('img, a, script')).toBeNull();
    }
  });

  test('is stopped by its button, and when the page is left; pictures that come after it say nothing', async () => {
    await page.do(() => page.scanner.startCamera());
    await page.do(() => document.querySelector<HTMLButtonElement>('[data-action=stop]')!.click());
    expect(page.isOut).toBe(true);
    expect(page.text).toContain(t(CAMERA.off));
    page.code = CODE;
    await page.frame();
    expect(page.text).not.toContain('A relay at');
  });

  test('that was stopped while the browser still asked stays off, whatever the answer', async () => {
    let answer: (error?: Error) => void = () => undefined;
    page.openCamera = () =>
      new Promise((resolve, reject) => (answer = (error) => (error === undefined ? resolve() : reject(error))));
    await page.do(() => void page.scanner.startCamera());
    expect(page.text).toContain(t(CAMERA.starting));
    await page.do(() => page.scanner.stopCamera());
    await page.do(() => answer());
    expect(page.text).toContain(t(CAMERA.off));
    await page.do(() => void page.scanner.startCamera());
    await page.do(() => page.scanner.stopCamera());
    await page.do(() => answer(new CameraError('denied')));
    expect(page.text).toContain(t(CAMERA.off));
  });

  test.each(CAMERA_PROBLEMS)('%s: plain words, and a picture will still do', async (problem: CameraProblem) => {
    if (problem === 'ended') {
      await page.do(() => page.scanner.startCamera());
      await page.do(() => page.camera?.onEnded());
    } else {
      page.openCamera = () => Promise.reject(new CameraError(problem));
      await page.do(() => page.scanner.startCamera());
    }
    expect(page.text).toContain(t(CAMERA[problem]));
    expect(page.text).toContain('You can still choose a picture');
    expect(page.isOut).toBe(true);
    page.code = CODE;
    await page.do(() => page.scanner.takePicture(new Blob()));
    expect(page.text).toContain('A relay at');
    expect(document.querySelector('[data-action=start]')).not.toBeNull();
  });
});

describe('a picture', () => {
  test('is enough, and puts the camera out', async () => {
    await page.do(() => page.scanner.startCamera());
    page.code = CODE;
    await page.do(() => page.scanner.takePicture(new Blob()));
    expect(page.isOut).toBe(true);
    await page.do(() => page.add?.click());
    expect(page.sent).toHaveLength(1);
  });

  test('without a code', async () => {
    await page.do(() => page.scanner.takePicture(new Blob()));
    expect(page.text).toContain(t('scan_no_code'));
  });

  test.each(PICTURE_PROBLEMS)('that is refused (%s)', async (problem: PictureProblem) => {
    page.readPicture = () => Promise.reject(new PictureError(problem));
    await page.do(() => page.scanner.takePicture(new Blob()));
    expect(page.text).toContain(say(PICTURE[problem]));
  });

  test('that was chosen after another: the later one counts, whichever is through first', async () => {
    const through: (() => void)[] = [];
    page.readPicture = () => new Promise((resolve) => through.push(() => resolve(PIXELS)));
    await page.do(() => void page.scanner.takePicture(new Blob()));
    await page.do(() => void page.scanner.takePicture(new Blob()));
    page.code = CODE;
    await page.do(() => through[1]!());
    page.code = undefined;
    await page.do(() => through[0]!());
    expect(page.text).toContain('A relay at');
  });
});

describe('adding', () => {
  beforeEach(async () => {
    page.code = CODE;
    await page.do(() => page.scanner.takePicture(new Blob()));
  });

  test('what is there already is not sent again', async () => {
    page.places = { ...NO_BEGIN_PLACES, addresses: [STORED] };
    await page.do(() => page.add?.click());
    expect(page.sent).toEqual([]);
    expect(page.text).toContain(t('scan_known'));
  });

  test('more than are asked are not sent, and it is said where to take one out', async () => {
    const addresses = Array.from({ length: MAX_BEGIN_ADDRESSES }, (_, at) => addressOf(`192-0-2-${at + 10}`));
    page.places = { ...NO_BEGIN_PLACES, addresses };
    await page.do(() => page.add?.click());
    expect(page.sent).toEqual([]);
    expect(page.text).toContain(t('scan_too_many', { count: MAX_BEGIN_ADDRESSES }));
    expect(page.add).not.toBeNull();
  });

  test('what the worker refuses is said in the words of a typed one, and can be tried again', async () => {
    page.refuse = new MessageError('begin-private-network');
    await page.do(() => page.add?.click());
    expect(page.text).toContain(BEGIN_ADVICE['begin-private-network']);
    page.refuse = undefined;
    await page.do(() => page.add?.click());
    expect(page.sent).toHaveLength(1);
  });

  test.each(MESSAGE_ERRORS)('%s has words', async (error) => {
    page.refuse = new MessageError(error);
    await page.do(() => page.add?.click());
    expect(page.text).not.toContain('undefined');
    expect(document.querySelector('.found.bad')?.textContent).not.toContain(error);
  });
});

test('everything that can be used has a name, and what is found is read aloud', async () => {
  page.code = CODE;
  await page.do(() => page.scanner.takePicture(new Blob()));
  for (const input of document.querySelectorAll('input')) expect(input.labels?.length ?? 0).toBeGreaterThan(0);
  expect(document.querySelector('video')?.getAttribute('aria-label')).toBe(t('scan_video'));
  expect(document.querySelector('.found [role=status]')?.getAttribute('aria-live')).toBe('polite');
  // What can be agreed to stands where the eyes are: below the camera's picture.
  const order = [...document.querySelectorAll('button, input')].map(
    (each) => each.id || each.getAttribute('data-action'),
  );
  expect(order).toEqual(['start', 'add', 'picture']);
});
