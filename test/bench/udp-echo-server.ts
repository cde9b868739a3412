import { createSocket } from 'node:dgram';

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (bytes, from) => {
  socket.send(bytes, from.port, from.address);
});
socket.bind(0, '127.0.0.1', () => {
  process.send?.(socket.address().port);
});
process.once('disconnect', () => process.exit(0));
