// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {TestUSDC} from "../src/TestUSDC.sol";
import {Fixture} from "./support/Fixture.sol";
import {vm} from "./support/Vm.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

/// @title The token behaves as USDC does where payments lean on it
contract TestUSDCTest is Fixture {
    bytes32 private constant NONCE = keccak256("nonce");
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    function test_itIsUSDCToWhoeverAsks() public view {
        (, string memory domainName, string memory version, uint256 chainId, address verifying,,) = token.eip712Domain();
        vm.assertEq(domainName, "USDC", "domain");
        vm.assertEq(version, "2", "version");
        vm.assertEq(chainId, block.chainid, "chain");
        vm.assertEq(verifying, TOKEN, "the address where the code was placed");
        vm.assertEq(token.name(), "USDC", "name");
        vm.assertEq(token.symbol(), "USDC", "symbol");
        vm.assertEq(token.version(), "2", "version()");
        vm.assertEq(token.decimals(), 6, "decimals");
    }

    function test_onBaseTheNameIsAnother() public {
        vm.assertEq(new TestUSDC("USD Coin", 6).name(), "USD Coin", "name");
        vm.assertEq(new TestUSDC("USDC", 18).decimals(), 18, "a token that is not the one");
    }

    function test_onlyTheReceiverUsesAReceiveAuthorization() public {
        bytes memory signature = signReceive(PAYER_KEY, relay, 1e6, 0, block.timestamp + 1, NONCE);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, relay));
        vm.prank(thief);
        token.receiveWithAuthorization(payer, relay, 1e6, 0, block.timestamp + 1, NONCE, signature);
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, 0, block.timestamp + 1, NONCE, signature);
        vm.assertEq(token.balanceOf(relay), 1e6, "received");
        vm.assertTrue(token.authorizationState(payer, NONCE), "used");
    }

    function test_anAuthorizationIsUsedOnceInsideOfItsTime() public {
        uint256 t = block.timestamp;
        bytes memory late = signReceive(PAYER_KEY, relay, 1e6, 0, t, NONCE);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, 0, t));
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, 0, t, NONCE, late);
        bytes memory early = signReceive(PAYER_KEY, relay, 1e6, t, t + 9, NONCE);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, t, t + 9));
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, t, t + 9, NONCE, early);

        bytes memory good = signReceive(PAYER_KEY, relay, 1e6, 0, t + 9, NONCE);
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, 0, t + 9, NONCE, good);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, NONCE));
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, 0, t + 9, NONCE, good);
    }

    function test_timesAreSecondsAndNeverBlockNumbers() public {
        // With this bit in both, OpenZeppelin's extension reads numbers of blocks: 2^47 + 1 would be a block that has long been.
        uint256 flag = 1 << 47;
        bytes memory signature = signReceive(PAYER_KEY, relay, 1e6, flag, flag + 1e9, NONCE);
        vm.expectPartialRevert(ERC3009.ERC3009InvalidAuthorizationTime.selector);
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, flag, flag + 1e9, NONCE, signature);
    }

    function test_transferWithAuthorizationIsAnyonesToSend() public {
        bytes memory message = abi.encode(TRANSFER, payer, relay, 1e6, 0, block.timestamp + 1, NONCE);
        bytes memory signature = signToken(PAYER_KEY, message);
        vm.prank(thief);
        token.transferWithAuthorization(payer, relay, 1e6, 0, block.timestamp + 1, NONCE, signature);
        vm.assertEq(token.balanceOf(relay), 1e6, "sent");
    }

    function test_aCancelledAuthorizationIsDead() public {
        bytes32 typehash = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
        bytes memory cancel = signToken(PAYER_KEY, abi.encode(typehash, payer, NONCE));
        token.cancelAuthorization(payer, NONCE, cancel);
        bytes memory signature = signReceive(PAYER_KEY, relay, 1e6, 0, block.timestamp + 1, NONCE);
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, NONCE));
        vm.prank(relay);
        token.receiveWithAuthorization(payer, relay, 1e6, 0, block.timestamp + 1, NONCE, signature);
    }

    function test_aFrozenAccountNeitherPaysNorIsPaid() public {
        token.blacklist(payer);
        vm.expectRevert(abi.encodeWithSelector(TestUSDC.BlacklistedAccount.selector, payer));
        vm.prank(payer);
        token.transfer(relay, 1);
        vm.expectRevert(abi.encodeWithSelector(TestUSDC.BlacklistedAccount.selector, payer));
        token.mint(payer, 1);
        token.unBlacklist(payer);
        vm.prank(payer);
        token.transfer(relay, 1);
    }
}
