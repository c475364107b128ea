/** What a run goes by; what is left out is built in. */
export interface Options {
  /** JSON Schema with Tamis' annotations, as text or as an object; by default the contract for orders of a web shop. */
  contract?: string | object;
  /** An ONNX model; by default the built-in one where the contract is. */
  model?: Uint8Array;
  /** The masking key: 32 bytes in hexadecimal or base64; by default a random one that nobody will know. */
  key?: string;
  /** How records stand in the input; by default told from the content. */
  format?: "ndjson" | "json" | "csv";
}

/** What breaks the contract, and where. */
export interface Violation {
  /** JSON Pointer of the field; "" for the record. */
  path: string;
  /** The failing keyword, or the name of a rule. */
  code: string;
  message: string;
  expected?: unknown;
}

/** Whether a record may enter, and why not. */
export interface Verdict {
  /** The line where the record starts, from 1; in an array the element's position. */
  line: number;
  id: string | null;
  status: "accepted" | "rejected";
  /** The record, masked; of a rejected one without the failing values. */
  record: Record<string, unknown> | null;
  repairs: { path: string; code: string }[];
  violations: Violation[];
  /** Null where nothing scores the record. */
  anomaly: {
    score: number | null;
    decision: number;
    flagged: boolean;
    reasons?: { feature: string; share: number }[];
  } | null;
  model: string | null;
}

/** All of a run. */
export interface Judged {
  /** The accepted records, masked. */
  accepted: Record<string, unknown>[];
  verdicts: Verdict[];
  /** As `summary.json` of the command line. */
  summary: Record<string, unknown>;
}

/** Judges all of an input: NDJSON, a JSON array or CSV as text or bytes, or a list of records. */
export function judge(input: string | Uint8Array | object[], options?: Options): Promise<Judged>;

/** Loads the module, once; `source` is what a host without files or `fetch` has instead: bytes or a compiled module. */
export function load(source?: BufferSource | WebAssembly.Module): Promise<{ Session: typeof Session }>;

/** One run over one input that need not fit into memory: bytes in chunk by chunk, masked NDJSON out. `load` gives it. */
declare class Session {
  constructor(contract?: string, model?: Uint8Array, key?: string, format?: Options["format"]);
  /** What is in force, as JSON. */
  about(): string;
  /** Takes the next bytes, cut anywhere. */
  push(chunk: Uint8Array): void;
  /** Ends the input. */
  finish(): void;
  /** Accepted records, masked, as NDJSON since the last call. */
  takeAccepted(): Uint8Array;
  /** Verdicts on rejected records as NDJSON since the last call. */
  takeRejected(): Uint8Array;
  /** All verdicts as NDJSON since the last call. */
  takeVerdicts(): Uint8Array;
  /** The summary so far, as JSON. */
  summary(): string;
  /** The report so far: one HTML file. */
  report(): string;
  /** Gives its memory back. */
  free(): void;
}
export type { Session };
