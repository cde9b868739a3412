/** Options that every command has which asks pods, as parseArgs() takes them. */
export const COMMON_OPTIONS: {
  url: { type: 'string'; multiple: true };
  output: { type: 'string'; short: string; default: string };
  help: { type: 'boolean'; short: string; default: false };
} = {
  url: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o', default: 'table' },
  help: { type: 'boolean', short: 'h', default: false },
};

/** What these options say. */
export interface CommonOptions {
  /** None if the command line names none. */
  urls: readonly string[];
  json: boolean;
}

/** Lines of a usage text for these options. */
export const COMMON_USAGE = `  --url URL[,URL]   where pods serve HTTP, such as http://127.0.0.11:9090; may be repeated;
                    if left out, all proxies of the rehome local that runs here, else of the cluster that kubectl speaks to,
                    whose pods must be in reach of this machine
  -o json           the pods' own reports instead of a table
  --help            this text
`;

/** Throws Error with one line for the person if an option is malformed. */
export function readCommonOptions(values: { url?: string[] | undefined; output: string }): CommonOptions {
  const urls = (values.url ?? []).flatMap((each) => each.split(',')).filter((each) => each !== '');
  const wrong = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''));
  if (wrong !== undefined) throw new Error(`not a URL: ${wrong}; write it as http://HOST:PORT`);
  if (values.output !== 'table' && values.output !== 'json')
    throw new Error(`-o is table or json, not ${values.output}`);
  return { urls, json: values.output === 'json' };
}
