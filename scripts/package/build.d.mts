export const root: string;
export function build(folder?: string): Promise<void>;
export function entries(): string[];
export function makeProject(folder: string): Promise<string>;
