import type { WireReader, WireWriter } from './wire.ts';

/** How one kind of value is written and read; `absent` says that a value need not be written, `none` is what is read then. */
export interface Codec<T> {
  write: (writer: WireWriter, value: T) => void;
  read: (reader: WireReader) => T;
  none: () => T;
  absent: (value: T) => boolean;
}

/** Field ids of a struct; ids are append-only and never used twice. */
export type Fields<T> = { readonly [Name in keyof T]-?: readonly [id: number, codec: Codec<T[Name]>] };

export const u32: Codec<number> = {
  write: (writer, value) => {
    writer.u32(value);
  },
  read: (reader) => reader.u32(),
  none: () => 0,
  absent: (value) => value === 0,
};

export const u53: Codec<number> = {
  write: (writer, value) => {
    writer.u53(value);
  },
  read: (reader) => reader.u53(),
  none: () => 0,
  absent: (value) => value === 0,
};

export const flag: Codec<boolean> = {
  write: (writer, value) => {
    writer.u8(value ? 1 : 0);
  },
  read: (reader) => reader.u8() === 1,
  none: () => false,
  absent: (value) => !value,
};

export const text: Codec<string> = {
  write: (writer, value) => {
    writer.text(value);
  },
  read: (reader) => reader.text(),
  none: () => '',
  absent: (value) => value === '',
};

/** Bytes are read as a view of the packet. */
export const bytes: Codec<Uint8Array> = {
  write: (writer, value) => {
    writer.bytes(value);
  },
  read: (reader) => reader.bytes(),
  none: () => new Uint8Array(0),
  absent: (value) => value.length === 0,
};

/** A text out of a closed set; what a newer pod may add is read as the first one. */
export function oneOf<const T extends string>(first: T, ...others: T[]): Codec<T> {
  const names = [first, ...others];
  return {
    write: (writer, value) => {
      writer.u8(names.indexOf(value));
    },
    read: (reader) => names[reader.u8()] ?? first,
    none: () => first,
    absent: (value) => value === first,
  };
}

/** Each item has its length before it, so that a newer pod may append to an item. */
export function list<T>(item: Codec<T>): Codec<T[]> {
  return {
    write: (writer, values) => {
      for (const value of values) {
        const at = writer.length;
        writer.u32(0);
        item.write(writer, value);
        writer.patch32(at, writer.length - at - 4);
      }
    },
    read: (reader) => {
      const values: T[] = [];
      while (reader.ok && reader.left > 0) {
        const value = reader.within(reader.u32(), item.read);
        if (value !== undefined) values.push(value);
      }
      return values;
    },
    none: () => [],
    absent: (values) => values.length === 0,
  };
}

/** A value that may be missing. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    write: (writer, value) => {
      if (value !== undefined) codec.write(writer, value);
    },
    read: codec.read,
    none: () => undefined,
    absent: (value) => value === undefined,
  };
}

/** Fields with ids; unknown ones are skipped, missing ones read as `none`. */
export function struct<T extends object>(fields: Fields<T>): Codec<T> {
  const entries = Object.entries(fields) as [keyof T, readonly [number, Codec<T[keyof T]>]][];
  const byId = new Map(entries.map(([name, [id, codec]]) => [id, { name, codec }]));
  if (byId.size !== entries.length) throw new RangeError('a field id is used twice');
  const none = (): T => Object.fromEntries(entries.map(([name, [, codec]]) => [name, codec.none()])) as T;
  return {
    write: (writer, value) => {
      for (const [name, [id, codec]] of entries) {
        if (codec.absent(value[name])) continue;
        writer.u8(id);
        const at = writer.length;
        writer.u32(0);
        codec.write(writer, value[name]);
        writer.patch32(at, writer.length - at - 4);
      }
    },
    read: (reader) => {
      const value = none();
      while (reader.ok && reader.left > 0) {
        const field = byId.get(reader.u8());
        const length = reader.u32();
        if (field === undefined) reader.skip(length);
        else value[field.name] = reader.within(length, field.codec.read) ?? field.codec.none();
      }
      return value;
    },
    none,
    absent: () => false,
  };
}
