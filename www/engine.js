// The wasm modules. The page fetches and compiles them, because its worker may connect nowhere.

const FOLDERS = { lean: "pkg", tract: "pkg-tract" };

/** Fetches and compiles the module with the forest kernel alone, or the one that scores any ONNX model. */
export async function fetchModule(engine) {
  const path = `${FOLDERS[engine]}/tamis_bg.wasm`;
  let response;
  try {
    response = await fetch(path);
  } catch {
    throw new Error(`${path} could not be loaded: is the network there?`);
  }
  if (!response.ok) throw new Error(`${path} is missing on this site: \`make wasm\` builds it`);
  // Not compileStreaming: it insists on a media type that some static hosts do not send.
  return WebAssembly.compile(await response.arrayBuffer());
}
