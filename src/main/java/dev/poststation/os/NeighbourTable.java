package dev.poststation.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/// The Linux kernel's tables of neighbours, IPv4 (ARP) and IPv6 (neighbour discovery), asked for by
/// rtnetlink (`RTM_GETNEIGH`; the numbers are those of linux/netlink.h, rtnetlink.h and
/// neighbour.h). There is no file of the one for IPv6.
final class NeighbourTable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int MSG_DONTWAIT = 0x40;

  private static final short RTM_NEWNEIGH = 28;
  private static final short RTM_GETNEIGH = 30;
  private static final short NLMSG_ERROR = 2;
  private static final short NLMSG_DONE = 3;
  private static final short NLM_F_REQUEST_DUMP = 0x1 | 0x300;

  private static final int HEADER = 16; // struct nlmsghdr: length, type, flags, sequence, port
  private static final int NEIGHBOUR = 12; // struct ndmsg: family, …, interface, state, flags, type
  private static final int ATTRIBUTE = 4; // struct rtattr: length, type
  private static final short NDA_DST = 1;
  private static final short NDA_LLADDR = 2;

  /// Reachable, stale, delay, probe, permanent: the hardware address is known.
  private static final int KNOWN = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;

  /// The kernel fills at most so much at once.
  private static final int BUFFER = 64 * 1024;

  private static final String AMBIGUOUS = "";

  private NeighbourTable() {}

  /// The functions of the C library, looked up when they are first needed.
  private static final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final MethodHandle SOCKET =
        function(
            "socket",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    private static final MethodHandle SEND = function("send", transfer());
    private static final MethodHandle RECV = function("recv", transfer());
    private static final MethodHandle CLOSE =
        function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private static FunctionDescriptor transfer() {
      return FunctionDescriptor.of(
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT);
    }

    private static final long ERRNO =
        STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    @SuppressWarnings(
        "restricted") // The launcher allows it, and the signatures are those of POSIX.
    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
      return LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow(name),
          descriptor,
          Linker.Option.captureCallState("errno"));
    }
  }

  /// Asks the kernel; never waits.
  ///
  /// @return hardware addresses, such as `00:17:c8:12:34:56`, by addresses without a scope; one of
  ///   IPv6 that different neighbours have on different links is left out
  /// @throws IOException when this kernel has no such table, or does not let us see it
  static Map<InetAddress, String> read() throws IOException {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Libc.STATE);
      int socket =
          (int) Libc.SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE);
      check(socket, "socket", state);
      try {
        return dump(socket, arena, state);
      } finally {
        int _ = (int) Libc.CLOSE.invokeExact(state, socket);
      }
    } catch (IOException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("the kernel's table of neighbours cannot be read", e);
    }
  }

  private static Map<InetAddress, String> dump(int socket, Arena arena, MemorySegment state)
      throws Throwable {
    byte[] question = question();
    var segment = arena.allocate(BUFFER);
    segment.copyFrom(MemorySegment.ofArray(question));
    long sent = (long) Libc.SEND.invokeExact(state, socket, segment, (long) question.length, 0);
    check(sent, "send", state);
    Map<InetAddress, String> found = new HashMap<>();
    boolean more = true;
    while (more) {
      long length =
          (long) Libc.RECV.invokeExact(state, socket, segment, (long) BUFFER, MSG_DONTWAIT);
      check(length, "recv", state);
      more = length > 0 && parse(segment.asSlice(0, length).asByteBuffer(), found);
    }
    found.values().removeIf(AMBIGUOUS::equals);
    return found;
  }

  private static void check(long result, String call, MemorySegment state) throws IOException {
    if (result < 0) {
      int errno = state.get(ValueLayout.JAVA_INT, Libc.ERRNO);
      throw new IOException("netlink: " + call + " failed with errno " + errno);
    }
  }

  private static byte[] question() {
    return ByteBuffer.allocate(HEADER + NEIGHBOUR)
        .order(ByteOrder.nativeOrder())
        .putInt(HEADER + NEIGHBOUR)
        .putShort(RTM_GETNEIGH)
        .putShort(NLM_F_REQUEST_DUMP)
        .putInt(1)
        .array(); // Family, and all else, 0: all.
  }

  /// One datagram of the answer.
  ///
  /// @return whether more come
  static boolean parse(ByteBuffer datagram, Map<InetAddress, String> found) throws IOException {
    var data = datagram.order(ByteOrder.nativeOrder());
    while (data.remaining() >= HEADER) {
      int start = data.position();
      int length = data.getInt(start);
      if (length < HEADER || length > data.remaining()) {
        throw new IOException("netlink: a message of " + length + " octets");
      }
      short type = data.getShort(start + 4);
      if (type == NLMSG_DONE) {
        return false;
      }
      if (type == NLMSG_ERROR) {
        throw new IOException("netlink: refused");
      }
      if (type == RTM_NEWNEIGH && length >= HEADER + NEIGHBOUR) {
        neighbour(data.slice(start + HEADER, length - HEADER).order(data.order()), found);
      }
      data.position(start + Math.min(aligned(length), data.remaining()));
    }
    return true;
  }

  private static void neighbour(ByteBuffer message, Map<InetAddress, String> found)
      throws UnknownHostException {
    if ((message.getShort(8) & KNOWN) == 0) {
      return;
    }
    byte[] address = {};
    byte[] hardware = {};
    message.position(NEIGHBOUR);
    while (message.remaining() >= ATTRIBUTE) {
      int start = message.position();
      int length = Short.toUnsignedInt(message.getShort(start));
      if (length < ATTRIBUTE || length > message.remaining()) {
        return;
      }
      short type = message.getShort(start + 2);
      byte[] value = new byte[length - ATTRIBUTE];
      message.get(start + ATTRIBUTE, value);
      if (type == NDA_DST) {
        address = value;
      } else if (type == NDA_LLADDR) {
        hardware = value;
      }
      message.position(start + Math.min(aligned(length), message.remaining()));
    }
    boolean isIp = address.length == 4 || address.length == 16;
    if (isIp && hardware.length > 0 && !Arrays.equals(hardware, new byte[hardware.length])) {
      found.merge(
          InetAddress.getByAddress(address),
          HexFormat.ofDelimiter(":").formatHex(hardware),
          (one, other) -> one.equals(other) ? one : AMBIGUOUS);
    }
  }

  /// Messages and attributes begin at multiples of four octets.
  private static int aligned(int length) {
    return (length + 3) & ~3;
  }
}
