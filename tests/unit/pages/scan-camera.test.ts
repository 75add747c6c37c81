// @vitest-environment happy-dom
// The camera's light: on when it was asked for, out whatever happens then, also where the person answers the browser's question after they have gone.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openCamera } from '../../../pages/scan/camera.ts';

class FakeTrack extends EventTarget {
  readyState: 'live' | 'ended' = 'live';
  stop(): void {
    this.readyState = 'ended';
  }
}

type Wanted = { video: unknown; audio: unknown };
let tracks: FakeTrack[];
let ask: (wanted: Wanted) => Promise<unknown>;
let frames: ((now: number) => void)[];
let play: () => Promise<void>;

beforeEach(() => {
  tracks = [new FakeTrack()];
  frames = [];
  ask = async () => ({ getTracks: () => tracks });
  play = () => Promise.resolve();
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: (wanted: Wanted) => ask(wanted) } });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function fakeVideo(): HTMLVideoElement {
  return {
    srcObject: null,
    play: () => play(),
    requestVideoFrameCallback: (callback: (now: number) => void) => frames.push(callback),
  } as unknown as HTMLVideoElement;
}

function open() {
  const control = new AbortController();
  const video = fakeVideo();
  const seen = { frames: 0, ended: 0 };
  const opened = openCamera(video, {
    signal: control.signal,
    onFrame: () => (seen.frames += 1),
    onEnded: () => (seen.ended += 1),
  });
  return { control, video, seen, opened };
}

const isOut = (): boolean => tracks.every(({ readyState }) => readyState === 'ended');

function frame(now: number): void {
  for (const callback of frames.splice(0)) callback(now);
}

describe('the camera', () => {
  test('is asked for without sound, and its pictures are looked at eight times a second at most', async () => {
    let wanted: Wanted | undefined;
    const given = ask;
    ask = (each) => {
      wanted = each;
      return given(each);
    };
    const { video, seen, opened } = open();
    await opened;
    expect(wanted?.audio).toBe(false);
    expect(video.srcObject).not.toBeNull();
    for (let at = 0; at < 1000; at += 1000 / 60) frame(at);
    expect(seen.frames).toBeGreaterThan(5);
    expect(seen.frames).toBeLessThan(10);
  });

  test('is out when it was ended, and no picture comes any more', async () => {
    const { control, video, seen, opened } = open();
    await opened;
    control.abort();
    expect(isOut()).toBe(true);
    expect(video.srcObject).toBeNull();
    frame(1000);
    expect(seen).toEqual({ frames: 0, ended: 0 });
    expect(frames).toEqual([]);
  });

  test('is out at once where the person allowed it after they had gone', async () => {
    let allow: () => void = () => undefined;
    ask = () => new Promise((resolve) => (allow = () => resolve({ getTracks: () => tracks })));
    const { control, video, opened } = open();
    control.abort();
    allow();
    await expect(opened).rejects.toThrow();
    expect(isOut()).toBe(true);
    expect(video.srcObject).toBeNull();
  });

  test('that does not play is out', async () => {
    play = () => Promise.reject(new DOMException('', 'NotSupportedError'));
    const { opened } = open();
    await expect(opened).rejects.toMatchObject({ code: 'busy' });
    expect(isOut()).toBe(true);
  });

  test('that is taken away is told of', async () => {
    const { seen, opened } = open();
    await opened;
    tracks[0]!.dispatchEvent(new Event('ended'));
    expect(seen.ended).toBe(1);
  });

  test.each([
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotFoundError', 'none'],
    ['OverconstrainedError', 'none'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
  ])('%s: %s', async (name, code) => {
    ask = () => Promise.reject(new DOMException('', name));
    await expect(open().opened).rejects.toMatchObject({ code });
  });

  test('a browser that has no cameras at all: none', async () => {
    vi.stubGlobal('navigator', {});
    await expect(open().opened).rejects.toMatchObject({ code: 'none' });
  });
});
