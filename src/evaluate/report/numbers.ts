/** `97.2 %`; a dash where there is no number. */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : "–";
}

/** `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Three significant digits, for losses of any size. */
export function significant(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";
}

/** `850 ms`, `42.0 s`, `3 min 5 s` or `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `p = 0.003`, or `p < 0.001`. */
export function pValueText(value: number): string {
  return value < 0.001 ? "p < 0.001" : `p = ${value.toFixed(3)}`;
}

/** A coordinate without a tail of digits. */
export function coordinate(value: number): number {
  return Math.round(10 * value) / 10;
}
