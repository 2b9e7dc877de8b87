/** A name for a free dimension in which nothing reads as arithmetic. */
export function symbolName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_.]/g, "_");
  return /^[A-Za-z_]/.test(plain) ? plain : `d${plain}`;
}
