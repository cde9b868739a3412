import { pause, until } from '../../src/local/until.ts';

const OPENS_WITHIN_MS = 5000;
const SETTLES_MS = 300;
const COLLECTIONS = 3;

/** Has a Node process on this machine collect its garbage, through the inspector that SIGUSR1 opens at `port`. */
export async function collectGarbage(pid: number, port: number): Promise<void> {
  process.kill(pid, 'SIGUSR1');
  let url = '';
  await until(
    async () => {
      url = await inspectorUrl(port);
      return url !== '';
    },
    OPENS_WITHIN_MS,
    `the inspector of process ${String(pid)}`,
  );
  const socket = new WebSocket(url);
  await new Promise((resolve) => {
    socket.addEventListener('open', resolve, { once: true });
  });
  for (let id = 1; id <= COLLECTIONS; id += 1) {
    await call(socket, { id, method: 'HeapProfiler.collectGarbage' });
    await pause(SETTLES_MS);
  }
  socket.close();
}

async function inspectorUrl(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${String(port)}/json/list`);
    const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
    return target?.webSocketDebuggerUrl ?? '';
  } catch {
    return '';
  }
}

function call(socket: WebSocket, request: { id: number; method: string }): Promise<void> {
  return new Promise((resolve) => {
    const listen = (event: MessageEvent): void => {
      if ((JSON.parse(String(event.data)) as { id?: number }).id !== request.id) return;
      socket.removeEventListener('message', listen);
      resolve();
    };
    socket.addEventListener('message', listen);
    socket.send(JSON.stringify(request));
  });
}
