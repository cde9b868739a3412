import { failureText } from '../../runtime/failure-text.ts';
import { untilToldToStop } from '../../runtime/told-to-stop.ts';
import { PHONES_USAGE, readPhonesOptions, type PhonesOptions } from './options.ts';
import { Phones } from './phones.ts';
import { PhonesServer } from './phones-server.ts';

const EXIT_USAGE = 2;

/** `rehome phones`: resolves to the exit code; rejects if the program cannot run. */
export async function runPhones(argv: string[]): Promise<number> {
  let options: PhonesOptions | undefined;
  try {
    options = readPhonesOptions(argv, process.env['POD_IP']);
  } catch (error) {
    process.stderr.write(`rehome phones: ${failureText(error)}\n\n${PHONES_USAGE}`);
    return EXIT_USAGE;
  }
  if (options === undefined) {
    process.stdout.write(PHONES_USAGE);
    return 0;
  }
  await servePhones(options);
  return 0;
}

async function servePhones({ sip, http }: PhonesOptions): Promise<void> {
  const told = untilToldToStop();
  const phones = await Phones.open(sip.address, sip.port);
  const server = new PhonesServer(phones);
  await server.start(http);
  process.stdout.write(
    `callees at ${sip.address}:${phones.port}, runs at http://${http.address}:${http.port}\n`,
  );
  await told;
  // Calls in progress are not hung up: whoever ends this program is done with them.
  await server.stop();
}
