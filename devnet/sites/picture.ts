// Pictures of the demo sites: small landscapes drawn from one number, so that no image files are needed.

export function renderPicture(hue: number, wide: boolean): string {
  const width = wide ? 960 : 320;
  const height = wide ? 240 : 180;
  const hill = (level: number, sway: number): string =>
    `M0 ${height * level} Q ${width * 0.25} ${height * (level - sway)} ${width * 0.5} ${height * level} T ${width} ${height * level} V ${height} H 0 Z`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
  <defs><linearGradient id="sky" x2="0" y2="1">
    <stop stop-color="hsl(${hue} 55% 78%)"/><stop offset="1" stop-color="hsl(${hue + 30} 60% 92%)"/>
  </linearGradient></defs>
  <rect width="${width}" height="${height}" fill="url(#sky)"/>
  <circle cx="${width * 0.72}" cy="${height * 0.32}" r="${height * 0.13}" fill="hsl(${hue + 40} 80% 96%)"/>
  <path d="${hill(0.62, 0.16)}" fill="hsl(${hue} 32% 62%)"/>
  <path d="${hill(0.74, -0.12)}" fill="hsl(${hue} 34% 46%)"/>
  <path d="${hill(0.87, 0.1)}" fill="hsl(${hue} 38% 30%)"/>
</svg>
`;
}
