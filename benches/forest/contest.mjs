// The same work by Tamis in wasm and by onnxruntime-web, on the same model and rows; in Node and in a page.
//
// `fetchBytes(name)` gives a file of the bench's folder: model-10.onnx, rows-10.f32 and the same of other widths.
export class Contest {
  constructor(tamis, ort, now) {
    Object.assign(this, { tamis, ort, now });
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
  }

  async open(columns, fetchBytes) {
    const model = await fetchBytes(`model-${columns}.onnx`);
    const bytes = await fetchBytes(`rows-${columns}.f32`);
    this.columns = columns;
    this.model = model;
    this.rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    this.scorer?.free();
    this.scorer = new this.tamis.Scorer(model);
    this.session = await this.ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
    return 0;
  }

  tensor(values) {
    return new this.ort.Tensor("float32", values, [values.length / this.columns, this.columns]);
  }

  row(at) {
    const start = (at * this.columns) % this.rows.length;
    return this.rows.subarray(start, start + this.columns);
  }

  // The greatest difference between the two decisions, so that nobody measures something that is wrong.
  async check(count) {
    const rows = this.rows.subarray(0, count * this.columns);
    const ours = this.scorer.decisions(rows);
    const theirs = (await this.session.run({ [this.session.inputNames[0]]: this.tensor(rows) })).scores.data;
    return ours.reduce((most, value, at) => Math.max(most, Math.abs(value - theirs[at])), 0);
  }

  async ask(who, what, times) {
    const input = this.session.inputNames[0];
    const works = {
      tamis: {
        batch: (count) => this.scorer.decisions(this.rows.subarray(0, count * this.columns)),
        one: (count) => {
          for (let at = 0; at < count; at += 1) this.scorer.decision(this.row(at));
        },
        explain: (count) => this.scorer.contributions(this.rows.subarray(0, count * this.columns)),
        load: (count) => {
          for (let at = 0; at < count; at += 1) new this.tamis.Scorer(this.model).free();
        },
      },
      ort: {
        batch: (count) => this.session.run({ [input]: this.tensor(this.rows.subarray(0, count * this.columns)) }),
        one: async (count) => {
          for (let at = 0; at < count; at += 1) await this.session.run({ [input]: this.tensor(this.row(at)) });
        },
        load: async (count) => {
          for (let at = 0; at < count; at += 1) {
            const session = await this.ort.InferenceSession.create(this.model, { executionProviders: ["wasm"] });
            await session.release();
          }
        },
      },
    };
    const start = this.now();
    await works[who][what](times);
    return (this.now() - start) / times;
  }
}
