// What the button of the private tab said over time, and whether it ever turned green when no way was there (invariant I5). Pure.

export type BadgeSample = {
  /** Ms since the epoch. */
  at: number;
  text: string;
};

/**
 * Times at which the badge became `green` within the span: a check must have passed for that. A badge that was green before and is drawn
 * again is not one: nothing can know that a relay froze in the moment it does. The browser wipes the badge whenever the page changes, so
 * an empty one says nothing of the tab.
 */
export function greenings(samples: readonly BadgeSample[], green: string, from: number, until: number): number[] {
  const drawn = samples.filter(({ text }) => text !== '');
  return drawn.flatMap((sample, index) => {
    const before = drawn[index - 1];
    const turned = sample.text === green && before !== undefined && before.text !== green;
    return turned && before.at >= from && sample.at <= until ? [sample.at] : [];
  });
}
