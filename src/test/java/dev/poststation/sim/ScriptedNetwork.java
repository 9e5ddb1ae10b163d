package dev.poststation.sim;

import dev.poststation.os.Connection;
import dev.poststation.os.IpText;
import dev.poststation.os.Network;
import dev.poststation.os.NotOursException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// A network in which each connection meets the next script for its address. Where there is none,
/// it is refused. Confined to one thread.
public final class ScriptedNetwork implements Network {
  private final ManualTime time;
  private final Map<String, Deque<List<String>>> scripts = new HashMap<>();
  private final Set<String> silent = new HashSet<>();
  private final List<ScriptedPeer> peers = new ArrayList<>();
  private final List<String> dialled = new ArrayList<>();
  private final List<String> sources = new ArrayList<>();
  private final Set<InetAddress> strange = new HashSet<>();
  private final Map<InetAddress, String> unbound = new HashMap<>();

  public ScriptedNetwork(ManualTime time) {
    this.time = time;
  }

  /// Adds a script for one connection.
  ///
  /// @param address such as `192.0.2.1:25`
  public ScriptedNetwork at(String address, String... script) {
    scripts.computeIfAbsent(address, _ -> new ArrayDeque<>()).add(List.of(script));
    return this;
  }

  /// Nobody answers there.
  public ScriptedNetwork silentAt(String address) {
    silent.add(address);
    return this;
  }

  /// This machine does not have that address, or has it again.
  public ScriptedNetwork lacks(String address, boolean lacks) {
    if (lacks) {
      strange.add(InetAddress.ofLiteral(address));
    } else {
      strange.remove(InetAddress.ofLiteral(address));
    }
    return this;
  }

  /// Connections from that address fail so, before anybody is called.
  public ScriptedNetwork unbound(String address, String why) {
    unbound.put(InetAddress.ofLiteral(address), why);
    return this;
  }

  /// From which address each of those that were dialled was called; `-` for the system's choice.
  public List<String> sources() {
    return sources;
  }

  /// The connections so far.
  public List<ScriptedPeer> peers() {
    return peers;
  }

  /// All addresses that were dialled, in order.
  public List<String> dialled() {
    return dialled;
  }

  /// Fails if any script was not met or not played to its end.
  public void verify() {
    scripts.forEach(
        (address, left) -> {
          if (!left.isEmpty()) {
            throw new AssertionError("nobody met the script at " + address);
          }
        });
    peers.forEach(ScriptedPeer::verify);
  }

  @Override
  public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
      throws IOException {
    if (from != null && strange.contains(from)) {
      throw new NotOursException(from);
    }
    if (from != null && unbound.containsKey(from)) {
      throw NotOursException.of(from, new BindException(unbound.get(from)));
    }
    sources.add(from == null ? "-" : IpText.of(from));
    return connect(to, to.getAddress().getHostAddress() + ":" + to.getPort(), timeout);
  }

  @Override
  public Connection connect(String path) throws IOException {
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return connect(here, path, Duration.ZERO);
  }

  private Connection connect(InetSocketAddress to, String address, Duration timeout)
      throws IOException {
    dialled.add(address);
    if (silent.contains(address)) {
      time.advance(timeout);
      throw new SocketTimeoutException("Connect timed out");
    }
    var left = scripts.get(address);
    if (left == null || left.isEmpty()) {
      throw new ConnectException("Connection refused");
    }
    var peer = new ScriptedPeer(to, time, left.poll());
    peers.add(peer);
    return peer;
  }

  @Override
  public Acceptor listen(InetSocketAddress address, int backlog) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] exchange(
      InetSocketAddress to,
      byte[] datagram,
      int sizeMax,
      Duration timeout,
      Predicate<byte[]> answers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<InetAddress> localAddresses() {
    return Set.of();
  }
}
