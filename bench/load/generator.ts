import type { Load, Loaded, Request } from './load.ts';
import { Line } from './socket.ts';

/** Where each connection goes on with its requests, for what changes tickets must come in its order. */
const positions = new Map<string, number[]>();

function bufferOf({ method, path, body, headers }: Request, host: string): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

const buffers = new Map<string, Buffer[][]>();

/** Every connection has its own share of the requests, in turn. */
function sharesOf({ name, url, requests, connections }: Load): Buffer[][] {
  const known = buffers.get(name);
  if (known) return known;
  const shares = Array.from({ length: connections }, (): Buffer[] => []);
  const { host } = new URL(url);
  const block = Math.max(1, Math.floor(requests.length / connections));
  for (const [index, request] of requests.entries())
    shares[Math.min(connections - 1, Math.floor(index / block))]?.push(bufferOf(request, host));
  buffers.set(name, shares);
  return shares;
}

async function run(load: Load): Promise<Loaded> {
  const { hostname: host, port } = new URL(load.url);
  const shares = sharesOf(load);
  const at = positions.get(load.name) ?? shares.map(() => 0);
  positions.set(load.name, at);
  const lines = await Promise.all(shares.map(() => Line.open({ host, port: Number(port) })));
  const took: number[] = [];
  const others = new Map<number, number>();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const worker = async (line: Line, index: number): Promise<void> => {
    const share = shares[index] as Buffer[];
    while (performance.now() - started < load.milliseconds) {
      const position = at[index] as number;
      at[index] = (position + 1) % share.length;
      const answered = await line.ask(share[position] as Buffer);
      if (answered.status === load.expected) took.push(answered.took);
      else others.set(answered.status, (others.get(answered.status) ?? 0) + 1);
    }
  };
  await Promise.all(lines.map(worker));
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  for (const line of lines) line.close();
  return { took, elapsed, cpu: (user + system) / 1000, others: [...others] };
}

process.on('message', (load: Load) => {
  run(load).then(
    (loaded) => process.send?.({ loaded }),
    (error: Error) => process.send?.({ error: `${load.name}: ${error.message}` }),
  );
});
