// Bytes in with backpressure, bytes out without holding them: what makes the size of a file irrelevant.

/** Output in the making. The browser may move a blob to disk, so the worker's own memory stays small. */
export class Kept {
  static #FLUSH = 8 << 20;
  #blobs = [];
  #pending = [];
  #size = 0;

  add(bytes) {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= Kept.#FLUSH) this.#flush();
  }

  blob(type) {
    this.#flush();
    return new Blob(this.#blobs, { type });
  }

  #flush() {
    this.#blobs.push(new Blob(this.#pending));
    this.#pending = [];
    this.#size = 0;
  }
}

/**
 * The bytes of a file chunk by chunk, unpacked where it is gzip; `bytes` counts what was read of the file itself.
 * Throws an error for people where the file cannot hold records.
 */
export async function* bytesOf(source, signal) {
  if (source.size === 0) throw new Error("The file is empty.");
  const head = new Uint8Array(await source.slice(0, 4).arrayBuffer());
  const packed = starts(head, 0x1f, 0x8b);
  if (starts(head, 0x28, 0xb5, 0x2f, 0xfd)) {
    throw new Error(
      "The file is packed with Zstandard, which a browser cannot unpack. The command line reads it as it is.",
    );
  }
  let bytes = 0;
  const count = new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  let stream = source.stream().pipeThrough(count, { signal });
  if (packed) stream = stream.pipeThrough(new DecompressionStream("gzip"), { signal });
  const reader = stream.getReader();
  let first = true;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw signal.aborted ? error : new Error(readFailure(packed, error));
    });
    if (signal.aborted) throw signal.reason;
    if (done) return;
    if (first) refuseBinary(value);
    first = false;
    yield { chunk: value, bytes };
  }
}

function readFailure(packed, error) {
  return packed
    ? `The file could not be unpacked; it may be cut off, or several gzip files in one. (${error.message})`
    : `The file could not be read; it may have changed or moved since it was chosen. (${error.message})`;
}

const starts = (bytes, ...wanted) => wanted.every((byte, index) => bytes[index] === byte);

/** Text never holds the byte 0, nearly everything else does early on. */
function refuseBinary(chunk) {
  if (starts(chunk, 0xff, 0xfe) || starts(chunk, 0xfe, 0xff)) {
    throw new Error("The file is UTF-16 text. Save it as UTF-8 and try again.");
  }
  if (chunk.subarray(0, 1 << 16).includes(0)) {
    throw new Error("The file is binary. Tamis reads text: NDJSON, a JSON array or CSV, also packed with gzip.");
  }
}
