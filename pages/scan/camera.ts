// The camera, from the question to the browser until its light goes out. Nothing is recorded.

export const CAMERA_PROBLEMS = [
  /** The person, or whoever looks after the browser, does not allow it. */
  'denied',
  'none',
  /** Another program has it, or the system gives it to nobody. */
  'busy',
  /** It was there, and is gone: unplugged, or taken back in the browser. */
  'ended',
] as const;
export type CameraProblem = (typeof CAMERA_PROBLEMS)[number];

export class CameraError extends Error {
  override readonly name = 'CameraError';
  readonly code: CameraProblem;

  constructor(code: CameraProblem, options?: ErrorOptions) {
    super(`camera: ${code}`, options);
    this.code = code;
  }
}

/** Between two looks, ms: eight in a second are enough to find a code at once, and leave a slow machine half of its time. */
const LOOK_EVERY_MS = 120;

export type CameraInit = {
  /** Ends it, also while the browser still asks the person. */
  signal: AbortSignal;
  /** For each picture that is to be looked at. */
  onFrame: (video: HTMLVideoElement) => void;
  onEnded: () => void;
};

/** Shows the camera's picture in `video`. Resolves when it runs; throws `CameraError`, and the signal's reason. */
export async function openCamera(video: HTMLVideoElement, { signal, onFrame, onEnded }: CameraInit): Promise<void> {
  const stream = await askFor();
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  if (signal.aborted) stop();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  // Told of the end by others alone, never of `stop`.
  for (const track of stream.getTracks()) track.addEventListener('ended', onEnded, { once: true });
  video.srcObject = stream;
  try {
    await video.play();
  } catch (cause) {
    signal.throwIfAborted();
    stop();
    throw new CameraError('busy', { cause });
  }
  let last = -LOOK_EVERY_MS;
  const look = (now: number): void => {
    if (signal.aborted) return;
    if (now - last >= LOOK_EVERY_MS) {
      last = now;
      onFrame(video);
    }
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

async function askFor(): Promise<MediaStream> {
  try {
    // The one at a telephone's back; 720 lines, which the decoder is quick with.
    const wanted = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } };
    return await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  } catch (cause) {
    throw new CameraError(problemOf(cause), { cause });
  }
}

/** W3C Media Capture and Streams, 10.2: the names of what it rejects with. */
function problemOf(error: unknown): CameraProblem {
  switch (error instanceof Error || error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
    // No `mediaDevices` at all.
    case 'TypeError':
      return 'none';
    default:
      return 'busy';
  }
}
