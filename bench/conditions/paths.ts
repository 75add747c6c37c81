// The long lines of the bench on paper.

export type PathPlan = {
  /** One way, of one hop. */
  delayMs: number;
  /** Of packets, on each hop. */
  lossPercent: number;
  /** Of each hop, each way; undefined for as fast as it goes. */
  rateMbit: number | undefined;
};

/** HOPR's. */
export const COURSE_PATH: PathPlan = { delayMs: 50, lossPercent: 0, rateMbit: undefined };
/** Two relays and a site some hundred kilometres apart each. */
export const PAGE_PATH: PathPlan = { delayMs: 25, lossPercent: 0, rateMbit: undefined };

export const MATRIX: readonly PathPlan[] = [25, 50].flatMap((delayMs) =>
  [0, 0.5, 1].flatMap((lossPercent) => [100, undefined].map((rateMbit) => ({ delayMs, lossPercent, rateMbit }))),
);

export const pathName = ({ delayMs, lossPercent, rateMbit }: PathPlan): string =>
  `${delayMs} ms per hop${lossPercent > 0 ? `, ${lossPercent} % loss` : ''}${rateMbit === undefined ? '' : `, ${rateMbit} Mbit/s`}`;
