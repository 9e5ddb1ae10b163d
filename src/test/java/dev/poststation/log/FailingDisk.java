package dev.poststation.log;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// The machine with a disk whose files opened for appending fail or hang when told to.
final class FailingDisk {
  /// How many writes are still to fail.
  final AtomicInteger failures = new AtomicInteger();

  /// Writes wait here while it is not open.
  volatile CountDownLatch gate = new CountDownLatch(0);

  /// Whether a write waited there.
  volatile boolean hung;

  Os os() {
    var real = Os.real();
    var disk =
        (Disk)
            Proxy.newProxyInstance(
                Disk.class.getClassLoader(),
                new Class<?>[] {Disk.class},
                (_, method, arguments) -> {
                  try {
                    var result = method.invoke(real.disk(), arguments);
                    return method.getName().equals("append")
                        ? new FailingStream((OutputStream) result)
                        : result;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
  }

  private final class FailingStream extends OutputStream {
    private final OutputStream out;

    FailingStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int octet) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      try {
        hung |= gate.getCount() > 0;
        gate.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (failures.get() > 0) {
        failures.decrementAndGet();
        out.write(octets, offset, length / 2);
        throw new IOException("No space left on device");
      }
      out.write(octets, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
