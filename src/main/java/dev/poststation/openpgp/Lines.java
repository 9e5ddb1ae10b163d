package dev.poststation.openpgp;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;

/// Ends each line of armor with CRLF, whatever the line separator of this machine is. Confined to
/// one thread.
final class Lines extends FilterOutputStream {
  Lines(ByteArrayOutputStream out) {
    super(out);
  }

  @Override
  public void write(int octet) throws IOException {
    if (octet == '\n') {
      out.write('\r');
    }
    if (octet != '\r') {
      out.write(octet);
    }
  }
}
