/**
 * The store: one DuckDB file of depersonalised incidents, and the only place that touches DuckDB. One process owns
 * it at a time. Messages of DuckDB quote values, so none is passed on.
 */
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  ENUM,
  INTEGER,
  STRUCT,
  UBIGINT,
  USMALLINT,
  UTINYINT,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import {
  AGE_BANDS,
  type ColumnName,
  type IncidentColumns,
  LOCATED_BY,
  PLACE_KINDS,
  SEXES,
  TIME_PRECISIONS,
  WEAPONS,
} from '../schemas/incident.ts';

export type Value = string | number | bigint | boolean | null;
/** Rows as objects by column name; 64-bit integers are bigint, so cast counts to INTEGER and dates to VARCHAR. */
export type Query = <Row>(sql: string, values?: readonly Value[]) => Promise<Row[]>;

export interface Store {
  readonly query: Query;
  /** Runs statements that return nothing. */
  readonly run: (sql: string, values?: readonly Value[]) => Promise<void>;
  /** All of the work or nothing of it. */
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
  /** Appends a batch to the temporary table `staging`, as it is. */
  readonly stage: (incidents: IncidentColumns) => void;
  /** Makes a DuckDB file at `path`, where none may be, of what `fill` puts into it and nothing else. */
  readonly writeFile: (path: string, fill: (file: NewFile) => Promise<void>) => Promise<void>;
  /** Writes all that the store holds, and nothing of what was deleted from it, to a new file at `path`. */
  readonly copyTo: (path: string) => Promise<void>;
  readonly close: () => void;
}

/** A DuckDB file that is being made. */
export interface NewFile {
  /** Runs statements in it; they see nothing of the store. */
  readonly run: Store['run'];
  /** Appends to its table the rows that `sql` gives in the store, in their order. */
  readonly append: (table: string, sql: string, values?: readonly Value[]) => Promise<void>;
}

/** The columns of `staging` in order; texts are numbers of the table `term`, 0 for none. */
const STAGED: readonly (readonly [name: string, column: ColumnName, type: DuckDBType])[] = [
  ['key0', 'key0', UBIGINT],
  ['key1', 'key1', UBIGINT],
  ['row', 'row', INTEGER],
  ['keyed', 'keyed', UTINYINT],
  ['version', 'version', DOUBLE],
  ['person0', 'person0', UBIGINT],
  ['person1', 'person1', UBIGINT],
  ['occurred_on', 'occurredOn', INTEGER],
  ['month', 'month', INTEGER],
  ['hour_of_week', 'hourOfWeek', UTINYINT],
  ['time_precision', 'timePrecision', ENUM(TIME_PRECISIONS)],
  ['window_from', 'windowFrom', INTEGER],
  ['window_to', 'windowTo', INTEGER],
  ['cell', 'cell', UBIGINT],
  ['located_by', 'locatedBy', ENUM(LOCATED_BY)],
  ['place_kind', 'placeKind', ENUM(PLACE_KINDS)],
  ['weapon', 'weapon', ENUM(WEAPONS)],
  ['age_band', 'ageBand', ENUM(AGE_BANDS)],
  ['sex', 'sex', ENUM(SEXES)],
  ['supplier', 'supplier', INTEGER],
  ['area_code', 'areaCode', INTEGER],
  ['place_id', 'placeId', INTEGER],
  ['offence', 'offence', INTEGER],
  ['noted', 'noted', USMALLINT],
];

/** What tells records apart is a column each. The rest is one column, because DuckDB keeps statistics of each column. */
const OWN = STAGED.slice(
  0,
  STAGED.findIndex(([name]) => name === 'person0'),
);
const REST = STAGED.slice(OWN.length);
const ddl = (columns: typeof STAGED) => columns.map(([name, , type]) => `${name} ${type}`).join(', ');

/** DDL of the temporary table that a file's incidents wait in until they are merged. */
export const STAGING = `CREATE TEMP TABLE IF NOT EXISTS staging (${ddl(OWN)}, rest STRUCT(${ddl(REST)}))`;

const CHUNK_ROWS = 2048;

/**
 * Opens the store at `path` (":memory:" for one that is not kept), making it where it does not exist. What does
 * not fit in `memory` (DuckDB's budget, not the process's) goes to a folder beside it, depersonalised like the rest.
 *
 * @throws Error in one sentence, where the file is in use, is no store, or cannot be written.
 */
export async function openStore(path: string, memory = '320MB'): Promise<Store> {
  const { connection, run, close } = await openDatabase(path, {
    memory_limit: memory,
    // On Linux DuckDB has an allocator of its own, to whose memory no source file comes.
    ...(process.platform === 'linux' ? {} : { block_allocator_memory: BLOCK_SPACE }),
  });
  await run(STAGING);
  const query = <Row>(sql: string, values?: readonly Value[]) =>
    guarded(sql, async () => {
      const reader = await connection.runAndReadAll(sql, values as DuckDBValue[] | undefined);
      return reader.getRowObjectsJS() as Row[];
    });
  const writeFile: Store['writeFile'] = async (path, fill) => {
    const file = await openDatabase(path, {
      memory_limit: '128MB',
      block_allocator_memory: BLOCK_SPACE,
      threads: '2',
    });
    try {
      await fill({
        run: file.run,
        append: async (table, sql, values) => {
          let appended = 0;
          await guarded(sql, async () => {
            const appender = await file.connection.createAppender(table);
            const rows = await connection.stream(sql, values as DuckDBValue[] | undefined);
            for (let chunk = await rows.fetchChunk(); chunk?.rowCount; chunk = await rows.fetchChunk()) {
              appender.appendDataChunk(chunk);
              appended += chunk.rowCount;
            }
            appender.closeSync();
          });
          // A stream that fails ends as if there were no more rows.
          const [counted] = await query<{ n: bigint }>(`SELECT count(*) AS n FROM (${sql})`, values);
          if (counted?.n !== BigInt(appended))
            throw new Error(
              'data/store.duckdb could not be read to its end: free memory and disk space and run the command again, or restore it from a backup',
            );
        },
      });
      // Closing does it too, but keeps what goes wrong to itself.
      await file.run('CHECKPOINT');
    } finally {
      file.close();
    }
  };
  return {
    run,
    query,
    transaction: async (work) => {
      await run('BEGIN TRANSACTION');
      try {
        const result = await work();
        await run('COMMIT');
        return result;
      } catch (error) {
        // The first error is the one to tell; a rollback that fails leaves the transaction undone all the same.
        await run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
    writeFile,
    copyTo: (path) =>
      writeFile(path, async (file) => {
        const made = (kind: 'table' | 'view') =>
          query<{ name: string; sql: string }>(
            `SELECT ${kind}_name AS name, sql FROM duckdb_${kind}s() WHERE NOT temporary AND NOT internal`,
          );
        for (const { name, sql } of await made('table')) {
          await file.run(sql);
          await file.append(name, `FROM ${name}`);
        }
        for (const { sql } of await made('view')) await file.run(sql);
      }),
    stage: (incidents) => stage(connection, incidents),
    close,
  };
}

/**
 * Address space for the blocks of a database: its budget, and the 32 MB that each of its threads and of Node's keeps by.
 * Blocks that it has no more room for would be memory of others.
 */
const BLOCK_SPACE = '512MB';

/**
 * Opens a database whose file never holds memory through which raw records have gone. DuckDB writes some bytes of its
 * memory as it found them: what bitpacking has under NULLs, which is memory of the process, and what strings leave of a
 * block (its issue 23382). So the methods that do the one are not used. Against the other, a file that leaves, or is
 * written anew without what was deleted, is made by a database of its own, whose blocks nothing else had before.
 */
async function openDatabase(path: string, options: Readonly<Record<string, string>>) {
  const { instance, connection } = await guarded('open the store', async () => {
    const opened = await DuckDBInstance.create(path, {
      ...options,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'true',
    });
    return { instance: opened, connection: await opened.connect() };
  });
  const run = (sql: string, values?: readonly Value[]) =>
    guarded(sql, async () => {
      await connection.run(sql, values as DuckDBValue[] | undefined);
    });
  await run("SET disabled_compression_methods = 'bitpacking,fsst,dict_fsst'");
  return {
    connection,
    run,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Copies typed arrays into DuckDB's vectors, 2,048 rows at a time, without making a value of any. */
function stage(connection: DuckDBConnection, incidents: IncidentColumns): void {
  try {
    const appender = duckdb.appender_create_ext(
      (connection as unknown as { connection: duckdb.Connection }).connection,
      'temp',
      'main',
      'staging',
    );
    const rest = STRUCT(Object.fromEntries(REST.map(([name, , type]) => [name, type])));
    const chunk = DuckDBDataChunk.create([...OWN.map(([, , type]) => type), rest]);
    for (let from = 0; from < incidents.n; from += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, incidents.n - from);
      chunk.reset();
      const vectorOf = (c: number) => duckdb.data_chunk_get_vector(chunk.chunk, c);
      for (const [c, [, name]] of OWN.entries()) copy(vectorOf(c), incidents[name], from, rows);
      for (const [c, [, name]] of REST.entries())
        copy(duckdb.struct_vector_get_child(vectorOf(OWN.length), c), incidents[name], from, rows);
      chunk.rowCount = rows;
      duckdb.append_data_chunk(appender, chunk.chunk);
    }
    duckdb.appender_close_sync(appender);
  } catch (error) {
    throw plainError('append to the store', error);
  }
}

type Column = BigUint64Array | Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

function copy(vector: duckdb.Vector, values: Column, from: number, rows: number): void {
  const { BYTES_PER_ELEMENT: size, buffer, byteOffset } = values;
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset + from * size, rows * size);
}

async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw plainError(what, error);
  }
}

/** An error that says what was being done and of what kind the trouble is, without DuckDB's own words. */
function plainError(what: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : '';
  if (/conflicting lock|could not set lock|being used by another process/i.test(message)) {
    const pid = /PID (\d+)/.exec(message)?.[1];
    return new Error(
      `the store is in use by another process${pid ? ` (PID ${pid})` : ''}: wait until it ends, or stop it`,
    );
  }
  if (/no space left|disk.*full|could not write/i.test(message))
    return new Error('the disk is full: free some space and run the command again');
  if (/permission denied|cannot open file/i.test(message))
    return new Error('the store cannot be opened: check that the folder data/ exists and is yours to write');
  if (/not a valid duckdb|different version|corrupt/i.test(message))
    return new Error('data/store.duckdb is no store that this version can read: restore it from a backup');
  if (/out of memory|failed to allocate/i.test(message))
    return new Error('not enough memory for the store: close other programs, or deliver smaller files');
  const kind = /^([A-Z][A-Za-z ]{2,30}) Error\b/.exec(message)?.[1] ?? 'unknown';
  return new Error(`the store failed (${kind.toLowerCase()}) at: ${what.replace(/\s+/g, ' ').slice(0, 120)}`);
}
