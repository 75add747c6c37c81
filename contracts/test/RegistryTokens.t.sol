// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RelayRegistry} from "../src/RelayRegistry.sol";
import {IRelayRegistry} from "../src/interfaces/IRelayRegistry.sol";
import {FeeToken, HookToken, IHook} from "./support/OddTokens.sol";
import {vm} from "./support/Vm.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @dev An operator that is a contract, and calls the registry once more when the token calls it.
contract Caller is IHook {
    RelayRegistry private immutable registry;
    bytes private next;
    bytes public answer;
    bool public done;

    constructor(RelayRegistry registry_, HookToken token) {
        registry = registry_;
        token.mint(address(this), 1_000e6);
        token.approve(address(registry_), type(uint256).max);
    }

    function call(bytes memory first, bytes memory again) external {
        next = again;
        (bool fine,) = address(registry).call(first);
        vm.assertTrue(fine, "the first call");
    }

    function onTransfer() external {
        if (next.length > 0) (done, answer) = address(registry).call(next);
    }
}

/// @title Tokens that take a fee or call back list nobody for less and pay nobody twice
contract RegistryTokensTest {
    uint96 private constant BOND = 50e6;
    uint40 private constant DELAY = 7 days;
    bytes32 private constant KEY = keccak256("a relay");
    bytes32 private constant OTHER_KEY = keccak256("another relay");

    HookToken private token;
    RelayRegistry private registry;
    Caller private caller;

    /// @dev With another's bond in it, which is what there would be to take.
    function setUp() public {
        vm.warp(1_800_000_000);
        token = new HookToken();
        registry = new RelayRegistry(address(token), BOND, DELAY);
        new Caller(registry, token).call(abi.encodeCall(registry.register, (KEY, "")), "");
        caller = new Caller(registry, token);
    }

    function test_aTokenThatTakesAFeeListsNobody() public {
        _refuses(999);
    }

    function test_norOneThatBringsMore() public {
        _refuses(1_001);
    }

    function test_noSecondRelayWhileTheBondOfTheFirstIsOnItsWay() public {
        bytes memory again = abi.encodeCall(registry.register, (OTHER_KEY, ""));
        caller.call(abi.encodeCall(registry.register, (KEY, "")), again);
        _wasRefused(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        vm.assertEq(registry.relayCount(), 2, "the other's and this one");
        vm.assertEq(token.balanceOf(address(registry)), 2 * uint256(BOND), "a bond each");
    }

    function test_noBondGoesTwice() public {
        _leave();
        caller.call(abi.encodeCall(registry.withdraw, (KEY)), abi.encodeCall(registry.withdraw, (KEY)));
        _wasRefused(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        vm.assertEq(token.balanceOf(address(caller)), 1_000e6, "its own");
        vm.assertEq(token.balanceOf(address(registry)), BOND, "the other's is there");
    }

    function test_whenTheBondGoesTheRelayIsGone() public {
        _leave();
        caller.call(abi.encodeCall(registry.withdraw, (KEY)), abi.encodeCall(registry.update, (KEY, "still here?")));
        _wasRefused(abi.encodeWithSelector(IRelayRegistry.NotRegistered.selector, address(caller), KEY));
        vm.assertEq(registry.relayOf(address(caller), KEY).addresses, "", "nothing of it");
    }

    function test_whileTheBondComesTheRelayIsWholeAlready() public {
        caller.call(abi.encodeCall(registry.register, (KEY, "")), abi.encodeCall(registry.announceLeave, (KEY)));
        vm.assertTrue(caller.done(), "announced");
        vm.assertEq(registry.relayOf(address(caller), KEY).leavesAt, block.timestamp + DELAY, "after the whole delay");
    }

    function _leave() private {
        caller.call(abi.encodeCall(registry.register, (KEY, "")), "");
        caller.call(abi.encodeCall(registry.announceLeave, (KEY)), "");
        vm.warp(block.timestamp + DELAY);
    }

    function _wasRefused(bytes memory reason) private view {
        vm.assertTrue(!caller.done(), "refused");
        vm.assertEq(caller.answer(), reason, "why");
    }

    function _refuses(uint256 permille) private {
        FeeToken fee = new FeeToken(permille);
        registry = new RelayRegistry(address(fee), BOND, DELAY);
        fee.mint(address(this), 1_000e6);
        fee.approve(address(registry), type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(IRelayRegistry.BondNotReceived.selector, (uint256(BOND) * permille) / 1_000, BOND)
        );
        registry.register(KEY, "");
        vm.assertEq(registry.relayCount(), 0, "nobody");
    }
}
