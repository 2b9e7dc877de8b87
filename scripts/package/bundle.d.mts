export interface Bundle {
  readonly chunks: readonly { readonly fileName: string; readonly code: string }[];
  readonly outside: readonly string[];
  readonly modules: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  readonly gzipBytes: number;
}
export function bundle(file: string, platform?: "browser" | "node"): Promise<Bundle>;
