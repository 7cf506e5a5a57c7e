const counts = new Intl.NumberFormat('en');
const shares = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const formatCount = (count: number): string => counts.format(count);

/** `1 row`, `1,000 rows`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Bytes in decimal units, as file managers count: `812 bytes`, `64.2 KB`, `5.1 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return countOf(bytes, 'byte');
  const units = ['KB', 'MB', 'GB', 'TB'];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${shares.format(size)} ${units[unit] ?? ''}`;
}

/** Seconds for people: `less than a second`, `12 seconds`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  const whole = Math.round(seconds);
  if (whole < 60) return countOf(whole, 'second');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(whole % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

/** Digits in groups of eight, which the eye can compare. */
export const groupDigits = (hex: string): readonly string[] => hex.match(/.{1,8}/g) ?? [];

/** Row numbers as a list that stays readable: `3, 17, 204 and 12 more`. */
export function listRows(rows: readonly number[], total: number, shown = 12): string {
  const named = rows.slice(0, shown).map(formatCount).join(', ');
  const more = total - Math.min(rows.length, shown);
  return more > 0 ? `${named} and ${formatCount(more)} more` : named;
}
