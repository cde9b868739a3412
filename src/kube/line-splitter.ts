import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines, wherever the chunks are cut. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  /** The lines that `chunk` completes, without their ends; empty ones are left out. */
  push(chunk: Buffer): string[] {
    const pieces = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = pieces.pop() ?? '';
    return pieces.filter((line) => line.trim() !== '');
  }
}
