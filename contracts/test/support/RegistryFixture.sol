// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RelayRegistry} from "../../src/RelayRegistry.sol";
import {TestUSDC} from "../../src/TestUSDC.sol";
import {IRelayRegistry} from "../../src/interfaces/IRelayRegistry.sol";
import {vm} from "./Vm.sol";

/// @title Operators with money, and a registry
abstract contract RegistryParties {
    uint96 internal constant BOND = 50e6;
    uint40 internal constant DELAY = 7 days;
    uint256 internal constant START = 1_800_000_000;
    /// @dev Two relays' peer keys. Which is whose, no contract knows.
    bytes32 internal constant KEY = keccak256("a relay");
    bytes32 internal constant OTHER_KEY = keccak256("another relay");
    /// @dev /ip4/192.0.2.1/tcp/443, as readers have it; to the registry only bytes.
    bytes internal constant ADDRESSES = hex"04c00002010601bb";

    TestUSDC internal token;
    RelayRegistry internal registry;

    address internal alice = vm.addr(0xA11CE);
    address internal bob = vm.addr(0xB0B);
    address internal thief = vm.addr(0xBAD);

    function open() internal {
        vm.warp(START);
        token = new TestUSDC("USDC", 6);
        registry = new RelayRegistry(address(token), BOND, DELAY);
        endow(alice, 1_000e6);
        endow(bob, 1_000e6);
    }

    function endow(address operator, uint256 amount) internal {
        token.mint(operator, amount);
        vm.prank(operator);
        token.approve(address(registry), type(uint256).max);
    }

    function register(address operator, bytes32 key) internal {
        vm.prank(operator);
        registry.register(key, ADDRESSES);
    }

    function announceLeave(address operator, bytes32 key) internal {
        vm.prank(operator);
        registry.announceLeave(key);
    }

    function withdraw(address operator, bytes32 key) internal {
        vm.prank(operator);
        registry.withdraw(key);
    }

    function relayOf(address operator, bytes32 key) internal view returns (IRelayRegistry.Relay memory) {
        return registry.relayOf(operator, key);
    }
}

abstract contract RegistryFixture is RegistryParties {
    function setUp() public virtual {
        open();
    }
}
