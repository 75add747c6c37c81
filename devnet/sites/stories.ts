// The words of the demo sites.

export type Story = { title: string; text: string; hue: number };

export const STORIES: Readonly<Record<string, readonly Story[]>> = {
  'news.demo.test': [
    {
      title: 'Tide returns to the old harbour',
      text: 'After forty years the sluices open again, and the eels know.',
      hue: 205,
    },
    {
      title: 'Night trains sell out for spring',
      text: 'Travellers say that the slow way is the one they remember.',
      hue: 262,
    },
    { title: 'A library without a counter', text: 'Nobody asks for a name at the door; the books come back.', hue: 98 },
  ],
  'shop.demo.test': [
    { title: 'Lantern, small', text: 'Blown glass, a wick that trims itself. 34.00', hue: 42 },
    { title: 'Moss, one square foot', text: 'Grown on cedar offcuts, likes the shade. 12.50', hue: 120 },
    { title: 'A letter opener', text: 'For letters that are nobody else’s business. 18.00', hue: 350 },
  ],
  'media.demo.test': [
    { title: 'Snow, uncut', text: 'Six hours from one window. No music, no people.', hue: 190 },
    { title: 'The ferry', text: 'Crossing and back, filmed from the same bench.', hue: 225 },
  ],
  'whoami.demo.test': [
    {
      title: 'What a site knows',
      text: 'The address of whoever connects, and all that the browser tells it.',
      hue: 300,
    },
  ],
};
