package dev.poststation.openpgp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.openpgp.PGPCompressedData;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPLiteralData;

/// Looks through what was decrypted before anybody makes anything of it: what is compressed may
/// become any number of octets, also in packets of which all is read and nothing is told, and each
/// signature hashes all of the content. Confined to one thread.
final class Survey {
  /// GnuPG makes one: what is compressed.
  private static final int LAYERS_MAX = 4;

  /// A signature has a packet in front of the content, and one behind it.
  private static final int SIGNATURES_MAX = 2 * Verifier.SIGNATURES_MAX;

  private final long most;
  private int signatures;
  private long octets;

  /// @param most octets in each layer
  Survey(long most) {
    this.most = most;
  }

  /// @throws IOException when it is too complex
  void look(InputStream packets) throws IOException, PGPException {
    look(packets, 1);
  }

  /// How many came out so far, of the layer that has most.
  long octets() {
    return octets;
  }

  private void look(InputStream packets, int layer) throws IOException, PGPException {
    if (layer > LAYERS_MAX) {
      throw new IOException("it is too complex: it is compressed too often");
    }
    var in = new BCPGInputStream(new Bounded(packets));
    for (int tag = in.nextPacketTag(); tag >= 0; tag = in.nextPacketTag()) {
      switch (tag) {
        case PacketTags.COMPRESSED_DATA -> {
          var compressed = new PGPCompressedData(in);
          look(compressed.getDataStream(), layer + 1);
          skip(compressed.getInputStream());
        }
        case PacketTags.LITERAL_DATA -> skip(new PGPLiteralData(in).getInputStream());
        case PacketTags.ONE_PASS_SIGNATURE, PacketTags.SIGNATURE -> {
          signatures++;
          if (signatures > SIGNATURES_MAX) {
            throw new IOException(
                "it is too complex: it has more than " + Verifier.SIGNATURES_MAX + " signatures");
          }
          in.readPacket();
        }
        default -> in.readPacket();
      }
    }
  }

  private static void skip(InputStream in) throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  /// Ends with an exception what is too long.
  private final class Bounded extends FilterInputStream {
    private long read;

    Bounded(InputStream in) {
      super(in);
    }

    private int counted(int count) throws IOException {
      read += Math.max(count, 0);
      octets = Math.max(octets, read);
      if (read > most) {
        throw new IOException("it is too complex: there is more than " + most + " octets in it");
      }
      return count;
    }

    @Override
    public int read() throws IOException {
      int octet = super.read();
      counted(octet < 0 ? 0 : 1);
      return octet;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return counted(super.read(buffer, offset, length));
    }
  }
}
